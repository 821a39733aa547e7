package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a handle writes, the store that has done it is not taken for one that has gone back in time. */
class EtcdRewindDetectorTest {
    private static final Directory DIR = Directory.of("/d");
    private static final Key KEY = DIR.key("k");
    private static final Key OTHER = DIR.key("other");
    private static final Bytes VALUE = Bytes.ofUtf8("v");

    private final AtomicInteger reads = new AtomicInteger();
    private final Observer observer = new Observer();
    private EtcdServer server;
    private GrpcRelay relay;
    private KvBackend backend;
    private Lease lease;

    @BeforeEach
    void open() {
        server = EtcdServer.start(EtcdBinary.underTest());
        relay = GrpcRelay.to(server.port());
        backend = KvBackends.open("etcd://" + relay.address() + "/memory?timeout=30s");
        lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
        Await.result(backend.put(OTHER, VALUE, lease));
        Await.result(backend.put(KEY, VALUE));
        // Of another directory: a watch that is told of the writes would remember what it is told.
        backend.watch(Directory.of("/elsewhere"), WatchStart.snapshot(), observer);
        Await.until(() -> observer.signals().size() == 1);
        relay.script(method -> {
            if (method.endsWith("/Range")) {
                reads.incrementAndGet();
            }
            return GrpcRelay.PASS;
        });
    }

    @AfterEach
    void close() {
        backend.close();
        relay.close();
        server.close();
    }

    /** Commits, and waits for the handle's own questions whether the store is still the one that it knows. */
    private void isNoRewind(Txn txn) {
        Await.result(backend.commit(txn));
        isNoRewind();
    }

    private void isNoRewind() {
        // A contradiction is asked for twice, and the second of these comes after the answers to both.
        int before = reads.get();
        Await.until(() -> reads.get() >= before + 3 || !lease.isHeld() || observer.rewound() > 0);
        assertThat(observer.rewound()).as("times that the watch was rewound").isZero();
        assertThat(lease.isHeld()).as("whether the lease is held").isTrue();
    }

    @Test
    void deleteThatIsGuardedByAnotherKey() {
        isNoRewind(Txn.builder().ifPresent(OTHER).delete(KEY).build());
    }

    @Test
    void deleteWithTwoConditions() {
        isNoRewind(Txn.builder().ifPresent(OTHER).ifPresent(KEY).delete(KEY).build());
    }

    @Test
    void guardedDeleteOfWhatIsAbsent() {
        // Has no revision of its own: the store's, which another has moved on.
        server.admin().put("/elsewhere/k", "v");
        isNoRewind(Txn.builder().ifPresent(OTHER).delete(DIR.key("absent")).build());
    }

    @Test
    void compareAndDelete() {
        long revision = Await.result(backend.put(KEY, VALUE)).revision();
        isNoRewind(Txn.builder().ifRevision(KEY, revision).delete(KEY).build());
    }

    @Test
    void transactionThatPutsAndDeletes() {
        isNoRewind(Txn.builder().put(DIR.key("new"), VALUE).delete(KEY).build());
    }

    @Test
    void entryThatEndsWithItsLease() {
        Lease brief = Await.result(backend.grantLease(Duration.ofSeconds(60)));
        Await.result(backend.put(KEY, VALUE, brief));
        Await.result(brief.revoke());
        isNoRewind();
    }

    @Test
    void entryThatAnotherTakesOver() {
        Await.result(backend.put(KEY, VALUE));
        server.admin().put("/memory" + KEY.path(), "theirs");
        isNoRewind();
    }
}
