package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What tools see of the queues of others. */
class TurnQueueTest {
    private final KvBackend backend = InMemoryStore.builder().build().open();
    private Lease lease;

    @BeforeEach
    void grantLease() throws InterruptedException {
        lease = Futures.await(backend.grantLease(Duration.ofMinutes(1)));
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private long leased(String key, String value) throws InterruptedException {
        return Futures.await(backend.put(Key.of(key), Bytes.ofUtf8(value), lease))
                .revision();
    }

    private List<TurnQueue> queues(String directory) throws InterruptedException {
        return TurnQueue.in(Futures.await(backend.list(Directory.of(directory))));
    }

    @Test
    void whatALockWritesIsReadAsItIs() throws InterruptedException {
        CoordinationOptions options = CoordinationOptions.defaults().withOwner("backup");
        try (DistributedLock lock = DistributedLock.open(backend, Directory.of("/locks/x"), options);
                LockHold hold = lock.lock()) {
            TurnQueue queue = queues("/").get(0);
            assertThat(queue.directory()).isEqualTo(Directory.of("/locks/x"));
            assertThat(queue.waiting()).isEmpty();
            TurnQueue.Place holder = queue.holder();
            assertThat(holder.token()).isEqualTo(hold.token());
            assertThat(holder.owner()).isEqualTo("backup");
            assertThat(holder.host()).isNotEmpty();
            assertThat(holder.process()).isEqualTo(ProcessHandle.current().pid());
            assertThat(holder.since()).isBetween(Instant.now().minusSeconds(3600), Instant.now());
            assertThat(queues("/locks/x")).containsExactly(queue);
        }
        assertThat(queues("/")).isEmpty();
    }

    @Test
    void placesAreInTheOrderOfTheirTurnsQueueByQueue() throws InterruptedException {
        leased("/b/place-2", "{\"owner\":\"first\"}");
        leased("/a/place-9", "{\"owner\":\"other\"}");
        leased("/b/place-1", "{\"owner\":\"second\"}");
        leased("/place-1", "{\"owner\":\"at the root\"}");
        List<TurnQueue> queues = queues("/");
        assertThat(queues).extracting(queue -> queue.directory().path()).containsExactly("/", "/a", "/b");
        assertThat(queues.get(2).places()).extracting(TurnQueue.Place::owner).containsExactly("first", "second");
        assertThat(queues("/b")).containsExactly(queues.get(2));
    }

    @Test
    void whatIsNoPlaceForThoseWhoTakePartIsNoneHere() throws InterruptedException {
        Futures.await(backend.put(Key.of("/q/place-unleased"), Bytes.ofUtf8("{\"owner\":\"x\"}")));
        leased("/q/turns", "");
        leased("/q/place", "x");
        leased("/q/place-1/deeper", "x");
        assertThat(queues("/")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "just text|just text",
                "''|''",
                "[1]|[1]",
                "{\"owner\":5,\"host\":6,\"process\":\"7\",\"since\":\"yesterday\"}|{\"owner\":5,\"host\":6,\"process\":\"7\",\"since\":\"yesterday\"}",
                "{\"owner\":\"me\",\"process\":1e99,\"since\":3}|me"
            })
    void whatAStrangerWroteIsShownAsFarAsItCanBeRead(String value, String owner) throws InterruptedException {
        long revision = leased("/q/place-1", value);
        assertThat(queues("/q").get(0).places())
                .containsExactly(
                        new TurnQueue.Place(new FencingToken(Key.of("/q/place-1"), revision), owner, null, null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"place-", "place-x", "place-00000000-0000-0000-0000-000000000000"})
    void aNameTellsWhetherAnEntryIsWorthARead(String name) throws InterruptedException {
        assertThat(TurnQueue.isNameOfPlace(name)).isTrue();
        assertThat(TurnQueue.isNameOfPlace("x" + name)).isFalse();
        assertThat(TurnQueue.isNameOfPlace(name + "/x")).isFalse();
        leased("/q/" + name, "");
        assertThat(queues("/q")).hasSize(1);
    }

    @Test
    void aQueueHasPlaces() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TurnQueue(Directory.of("/q"), List.of()))
                .withMessageContaining("'/q' has no places");
    }
}
