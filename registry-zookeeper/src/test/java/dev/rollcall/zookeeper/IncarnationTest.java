package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import dev.rollcall.tck.server.TcpProxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Somebody deletes and creates a key anew, with the same version number, between the look at it and the write, or since the writer
 * has last seen it.
 */
class IncarnationTest {
    private static ZooKeeperServer server;

    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<@Nullable Runnable> between = new AtomicReference<>();
    private final Key key = Key.of("/k");
    private byte[] mark = {};
    private TcpProxy proxy;
    private KvBackend slow;
    private KvBackend quick;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.alone(false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        proxy = TcpProxy.to(server.port());
        String root = "/incarnation" + System.nanoTime();
        mark = (root + "/").getBytes(StandardCharsets.UTF_8);
        proxy.tap(() -> {
            WriteTap.Frames requests = new WriteTap.Frames();
            return (direction, bytes, length) ->
                    direction == Direction.REQUESTS ? requests.feed(bytes, length, this::see) : Tap.Verdict.PASS;
        });
        slow = KvBackends.open("zookeeper://" + proxy.address() + root + "?timeout=60s");
        quick = KvBackends.open("zookeeper://" + server.address() + root + "?timeout=60s");
        result(slow.list(Directory.ROOT));
    }

    @AfterEach
    void close() {
        slow.close();
        quick.close();
        proxy.close();
    }

    /** Sees the requests about the application's entries, whatever else the handle sends of itself, and in how many pieces it comes. */
    private Tap.Verdict see(ByteBuffer request) {
        if (request.remaining() < 8 || !WriteTap.contains(request.array(), mark)) {
            return Tap.Verdict.PASS;
        }
        int type = request.getInt(4);
        if (type == OpCode.multiRead) {
            looks.incrementAndGet();
        }
        Runnable meanwhile = type == OpCode.multi ? between.getAndSet(null) : null;
        if (meanwhile != null) {
            meanwhile.run();
        }
        return Tap.Verdict.PASS;
    }

    private void recreate() {
        result(quick.delete(key));
        result(quick.create(key, text("theirs")));
    }

    /** The failure of a write, during which the other handle must have had its turn. */
    private KvException failedMeanwhile(CompletableFuture<?> write) {
        Boolean done = result(write.handle((value, failure) -> true));
        assertThat(done && between.get() == null)
                .as("whether the other handle wrote between look and write")
                .isTrue();
        return failure(write);
    }

    /** Creates the key so that the slow handle knows its version, and somebody else does so again, at the same version. */
    private long createdAndForgotten() {
        long revision = result(slow.create(key, text("mine"))).revision();
        recreate();
        return revision;
    }

    private void assertTheirsIsThere(long revision) {
        assertThat(between.get())
                .as("what was to happen between look and write")
                .isNull();
        assertThat(result(slow.get(key)).entry())
                .hasValueSatisfying(entry -> assertThat(entry.value().utf8()).isEqualTo("theirs"))
                .hasValueSatisfying(entry -> assertThat(entry.revision()).isGreaterThan(revision));
    }

    @Test
    void updateOfTheEarlierIncarnationFails() {
        long revision = result(quick.create(key, text("first"))).revision();
        between.set(this::recreate);
        KvException failure = failedMeanwhile(slow.update(key, text("mine"), revision));
        assertThat(failure).isInstanceOf(RevisionMismatchException.class);
        assertTheirsIsThere(revision);
    }

    @Test
    void deletionOfTheEarlierIncarnationFails() {
        long revision = result(quick.create(key, text("first"))).revision();
        between.set(this::recreate);
        assertThat(failedMeanwhile(slow.delete(key, revision))).isInstanceOf(RevisionMismatchException.class);
        assertTheirsIsThere(revision);
    }

    @Test
    void conditionOnTheEarlierIncarnationOfAnotherKeyFails() {
        long revision = result(quick.create(key, text("first"))).revision();
        result(quick.put(Key.of("/other"), text("old")));
        between.set(this::recreate);
        Txn txn = Txn.builder()
                .ifRevision(key, revision)
                .put(Key.of("/other"), text("new"))
                .build();
        assertThat(failedMeanwhile(slow.commit(txn))).isInstanceOf(RevisionMismatchException.class);
        assertThat(result(slow.get(Key.of("/other"))).value().orElseThrow().utf8())
                .isEqualTo("old");
    }

    @Test
    void conditionOnAnAbsentKeyFailsIfItIsCreatedMeanwhile() {
        result(quick.put(Key.of("/other"), text("old")));
        between.set(() -> result(quick.create(key, text("theirs"))));
        Txn txn = Txn.builder()
                .require(new Condition.Absent(key))
                .put(Key.of("/other"), text("new"))
                .build();
        assertThat(failedMeanwhile(slow.commit(txn))).isInstanceOf(KeyExistsException.class);
        assertThat(result(slow.get(Key.of("/other"))).value().orElseThrow().utf8())
                .isEqualTo("old");
    }

    /** A key of the same stripe. */
    private Key neighbour() {
        Layout layout = Layout.of("/incarnation");
        String stripe = layout.stripeOf(layout.path(key));
        return java.util.stream.IntStream.range(0, 100_000)
                .mapToObj(i -> Key.of("/n" + i))
                .filter(other -> layout.stripeOf(layout.path(other)).equals(stripe))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void conditionHoldsThoughAnotherKeyOfTheStripeIsCreatedMeanwhile() {
        Key neighbour = neighbour();
        long revision = result(quick.create(key, text("first"))).revision();
        between.set(() -> result(quick.create(neighbour, text("unrelated"))));
        long updated = result(slow.update(key, text("mine"), revision)).revision();
        assertThat(between.get()).isNull();
        assertThat(result(quick.get(key)).entry())
                .hasValueSatisfying(entry -> assertThat(entry.revision()).isEqualTo(updated));
    }

    @Test
    void updateOfAKnownRevisionFailsOnceTheKeyIsCreatedAnew() {
        long revision = createdAndForgotten();
        assertThat(failure(slow.update(key, text("mine"), revision))).isInstanceOf(RevisionMismatchException.class);
        assertTheirsIsThere(revision);
    }

    @Test
    void deletionOfAKnownRevisionFailsOnceTheKeyIsCreatedAnew() {
        long revision = createdAndForgotten();
        assertThat(failure(slow.delete(key, revision))).isInstanceOf(RevisionMismatchException.class);
        assertTheirsIsThere(revision);
    }

    /** The entry is seen, then its stripe's generation, by way of a neighbour, but not both in that order. */
    @Test
    void whatWasSeenBeforeItsGenerationIsNotTrusted() {
        result(quick.create(key, text("first")));
        long revision = result(slow.get(key)).entry().orElseThrow().revision();
        recreate();
        result(slow.create(neighbour(), text("tells the generation")));
        assertThat(failure(slow.update(key, text("mine"), revision))).isInstanceOf(RevisionMismatchException.class);
        assertTheirsIsThere(revision);
    }

    /** The deletion leaves a node without a value, at a version that is known, for the sake of the key below. */
    @Test
    void revisionOfADeletionIsNoRevisionOfAnEntry() {
        result(slow.create(key, text("first")));
        result(slow.create(Key.of("/k/below"), text("stays")));
        long deleted = result(slow.delete(key)).revision();
        assertThat(failure(slow.update(key, text("mine"), deleted))).isInstanceOf(ConditionFailedException.class);
        assertThat(failure(slow.delete(key, deleted))).isInstanceOf(ConditionFailedException.class);
        assertThat(result(quick.get(key)).entry()).isEmpty();
    }

    /** None, unless it has taken so long that what was known is not trusted any more, which costs one look each time. */
    private void assertNoLooksSince(int before, long begun) {
        long expired = Duration.ofNanos(System.nanoTime() - begun).dividedBy(KnownVersions.LONGEST);
        assertThat((long) looks.get() - before).as("looks").isLessThanOrEqualTo(expired);
    }

    @Test
    void updateOfAKnownRevisionNeedsNoLook() {
        long begun = System.nanoTime();
        long revision = result(slow.create(key, text("first"))).revision();
        int before = looks.get();
        for (int i = 0; i < 10; i++) {
            revision = result(slow.update(key, text("update " + i), revision)).revision();
        }
        result(slow.delete(key, revision));
        assertNoLooksSince(before, begun);
        assertThat(result(quick.get(key)).entry()).isEmpty();
    }

    @Test
    void updateOfARevisionThatWasReadNeedsOneLookForAll() {
        long revision = result(quick.create(key, text("first"))).revision();
        long begun = System.nanoTime();
        result(slow.update(key, text("tells the generation"), revision));
        for (int i = 0; i < 3; i++) {
            result(quick.put(key, text("theirs")));
            long read = result(slow.get(key)).entry().orElseThrow().revision();
            int before = looks.get();
            result(slow.update(key, text("mine"), read));
            assertNoLooksSince(before, begun);
        }
    }
}
