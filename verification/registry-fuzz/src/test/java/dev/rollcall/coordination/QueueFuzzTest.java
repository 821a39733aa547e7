package dev.rollcall.coordination;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;

/** Entries of strangers in the directory of an election. */
class QueueFuzzTest extends FuzzTarget {
    private static final Directory TAKEN = Directory.of("/taken");
    private static final Directory EMPTY = Directory.of("/empty");

    private final KvBackend backend =
            InMemoryStore.builder().historyLimit(100).build().open();
    private final Lease lease = backend.grantLease(Duration.ofHours(1)).join();
    // Nothing here is about the time that a leader has to show that it is there.
    private final LeaderElection taken =
            LeaderElection.open(backend, TAKEN, CoordinationOptions.defaults().withTtl(Duration.ofHours(1)));
    private final LeaderElection empty = LeaderElection.open(backend, EMPTY);
    private final Leader leader;

    QueueFuzzTest() {
        CompletableFuture<FencingToken> elected = new CompletableFuture<>();
        taken.join("us", new CandidateListener() {
            @Override
            public void onElected(FencingToken token) {
                elected.complete(token);
            }

            @Override
            public void onLost(FencingToken token, String reason) {}
        });
        leader = new Leader("us", elected.orTimeout(90, TimeUnit.SECONDS).join());
    }

    @AfterAll
    void close() {
        taken.close();
        empty.close();
        backend.close();
    }

    /** A letter that says whether the entry is leased, its name, and after the end of the queue its value. */
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "Lplace-1\nyou",
                "Lplace-00000000-0000-0000-0000-000000000000\n",
                "-place-1\nyou",
                "Lplace-1/2\nyou",
                "Lturns\nx",
                "Lother\nx");
    }

    @Override
    protected List<String> words() {
        return List.of("place-", "turns", "/", "L");
    }

    @Override
    protected void check(byte[] input) {
        String text = new String(input, UTF_8);
        boolean leased = text.startsWith("L");
        int end = Math.max(text.indexOf('\n'), 1);
        String name = text.isEmpty() ? "" : text.substring(1, Math.min(end, text.length()));
        Bytes value = Bytes.ofUtf8(text.substring(Math.min(end, text.length())));
        Key inTaken;
        Key inEmpty;
        try {
            inTaken = TAKEN.key(name);
            inEmpty = EMPTY.key(name);
        } catch (IllegalArgumentException e) {
            return;
        }
        long revision = 0;
        for (Key key : List.of(inTaken, inEmpty)) {
            revision = (leased ? backend.put(key, value, lease) : backend.put(key, value))
                    .join()
                    .revision();
        }
        assertThat(taken.readLeader().join()).contains(leader);
        boolean belongs = leased && name.startsWith("place-") && !name.contains("/");
        assertThat(empty.readLeader().join())
                .isEqualTo(
                        belongs
                                ? Optional.of(new Leader(value.utf8(), new FencingToken(inEmpty, revision)))
                                : Optional.empty());
        backend.delete(inTaken).join();
        backend.delete(inEmpty).join();
        assertThat(taken.leader()).contains(leader);
    }
}
