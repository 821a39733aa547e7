package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** As many keys as others have trouble with. */
class ManyKeysTest {
    private static final int KEYS = 100_000;

    @Test
    void hundredThousandKeysAreSearchedAndReadLevelByLevel() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow("keys")) {
            List<CompletableFuture<Commit>> commits = new ArrayList<>();
            Txn.Builder txn = Txn.builder();
            for (int i = 0; i < KEYS; i++) {
                txn.put(Key.of(String.format("/tenants/t-%03d/service/key-%05d", i % 100, i)), Bytes.EMPTY);
                if (i % Limits.MAX_TXN_WRITES == Limits.MAX_TXN_WRITES - 1 || i == KEYS - 1) {
                    commits.add(fixture.other.commit(txn.build()));
                    txn = Txn.builder();
                }
            }
            for (CompletableFuture<Commit> commit : commits) {
                Futures.await(commit, ConsoleFixture.LONG);
            }
            events.await(
                    "keys", event -> event.path("roots").path(0).path("keys").asInt() == KEYS);
            // The index answers: no words lead to a read of the store.
            fixture.seen.faults().disconnect();
            JsonNode found = fixture.json("api/search?q=T-042%20KEY-99942");
            assertThat(found.path("total").asInt()).isEqualTo(1);
            assertThat(found.path("paths").path(0).asText()).isEqualTo("/tenants/t-042/service/key-99942");
            JsonNode all = fixture.json("api/search?q=service");
            assertThat(all.path("total").asInt()).isEqualTo(KEYS);
            assertThat(all.path("paths").size()).isBetween(1, 1_000);
            JsonNode level = fixture.json("api/tree?directory=/tenants");
            assertThat(level.path("children").size()).isEqualTo(100);
            assertThat(level.path("children").path(0).path("below").asInt()).isEqualTo(KEYS / 100);
        }
    }
}
