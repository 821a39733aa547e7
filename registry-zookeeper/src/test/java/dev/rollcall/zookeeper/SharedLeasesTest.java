package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases of one handle share sessions, and nobody can tell but by the number of connections. */
class SharedLeasesTest {
    /** Longer than a holder on a busy machine may have to wait for its processor: such a one would rightly lose its leases. */
    private static final Duration TTL = Duration.ofSeconds(20);
    /** As short as a lease may be that is to outlive its ttl and the timeout of its session, and a pause of its holder. */
    private static final Duration BRIEF = Duration.ofSeconds(12);
    /** How long the server takes at most to end a session of such leases that is silent. */
    private static final Duration BRIEF_SESSION = Duration.ofSeconds(21);

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Directory DIR = Directory.of("/d");

    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.plain();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static KvBackend open(String root) {
        return open(server.address(), root);
    }

    private static KvBackend open(String address, String root) {
        return KvBackends.open("zookeeper://" + address + root + "?timeout=50s");
    }

    private static List<Lease> grant(KvBackend handle, int count, Duration ttl) {
        List<CompletableFuture<Lease>> granted =
                IntStream.range(0, count).mapToObj(i -> handle.grantLease(ttl)).toList();
        return granted.stream().map(Await::result).toList();
    }

    private static List<Key> keys(KvBackend handle) {
        return result(handle.list(DIR)).entries().stream().map(KeyValue::key).toList();
    }

    private static long clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches(".*-(Send|Event)Thread.*"))
                .count();
    }

    @Test
    void aThousandLeasesAreHeldOnAServerWithDefaultLimitsByAHandfulOfConnections() throws InterruptedException {
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend other = open("/thousand");
                KvBackend handle = open(proxy.address(), "/thousand")) {
            long threads = clientThreads();
            List<Lease> leases = grant(handle, 1_000, BRIEF);
            CountDownLatch ended = new CountDownLatch(1);
            List<CompletableFuture<Commit>> puts = new ArrayList<>();
            for (int i = 0; i < leases.size(); i++) {
                leases.get(i).ended().thenRun(ended::countDown);
                puts.add(handle.put(DIR.key("k" + i), text(i), leases.get(i)));
            }
            puts.forEach(Await::result);
            assertThat(proxy.connections()).as("connections").isLessThanOrEqualTo(4);
            assertThat(clientThreads() - threads).as("more threads").isLessThanOrEqualTo(8);
            assertThat(ended.await(BRIEF_SESSION.toSeconds(), TimeUnit.SECONDS))
                    .as("whether a lease has ended")
                    .isFalse();
            assertThat(leases).allMatch(Lease::isHeld);
            assertThat(leases.stream().map(Lease::id)).doesNotHaveDuplicates();
            assertThat(keys(other)).hasSize(1_000);

            IntStream.range(0, 500)
                    .mapToObj(i -> leases.get(2 * i).revoke())
                    .toList()
                    .forEach(Await::result);
            assertThat(keys(other)).hasSize(500);
            assertThat(IntStream.range(0, 500).mapToObj(i -> leases.get(2 * i + 1)))
                    .allMatch(Lease::isHeld);
        }
    }

    @Test
    void closeOfTheHandleEndsAllAtOnce() {
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend other = open("/close")) {
            KvBackend handle = open(proxy.address(), "/close");
            List<Lease> leases = grant(handle, 20, TTL);
            leases.forEach(lease -> result(handle.put(DIR.key(lease.id()), text("v"), lease)));
            handle.close();
            // A busy server may take longer than the close waits for, but not nearly as long as a ttl.
            Awaitility.await().atMost(TTL.dividedBy(2)).until(() -> keys(other).isEmpty());
            leases.forEach(lease ->
                    assertThat(result(lease.ended().toCompletableFuture())).isNotNull());
            Awaitility.await().atMost(LONG).until(() -> proxy.connections() == 0);
        }
    }

    @Test
    void sessionThatNoLeaseNeedsEnds() {
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend handle = open(proxy.address(), "/idle")) {
            result(handle.get(Key.of("/k")));
            int before = proxy.connections();
            int accepted = proxy.accepted();
            grant(handle, 20, TTL).forEach(lease -> result(lease.revoke()));
            assertThat(proxy.accepted()).isEqualTo(accepted + 1);
            Awaitility.await().atMost(LONG).until(() -> proxy.connections() == before);
            assertThat(result(handle.grantLease(TTL)).isHeld()).isTrue();
        }
    }

    /** The entries of a lease go together, and no others, while others write as fast as they can. */
    @ParameterizedTest
    @ValueSource(strings = {"create", "create and delete"})
    void fiveHundredEntriesAreRevokedAtOnceWhileOthersWriteFlatOut(String work) {
        String root = "/flat-out-" + work.length();
        Set<Long> revisions = new ConcurrentSkipListSet<>();
        AtomicInteger deletions = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> watching = new CompletableFuture<>();
        try (KvBackend handle = open(root);
                KvBackend busy = open(root);
                KvBackend other = open(root)) {
            List<Lease> leases = grant(handle, 2, TTL);
            List<CompletableFuture<Commit>> puts = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                puts.add(handle.put(DIR.key("k" + i), text(i), leases.get(0)));
            }
            puts.add(handle.put(DIR.key("kept"), text("v"), leases.get(1)));
            puts.forEach(Await::result);
            other.watch(DIR, WatchStart.snapshot(), new WatchListener() {
                @Override
                public void onSignal(WatchSignal signal) {
                    watching.complete(null);
                    if (signal instanceof Changes changes) {
                        for (Change change : changes.changes()) {
                            revisions.add(change.revision());
                            deletions.incrementAndGet();
                        }
                    }
                }

                @Override
                public void onEnd(@Nullable KvException cause) {}
            });
            result(watching);
            CompletableFuture<Void> written = CompletableFuture.runAsync(
                    () -> writeUntil(done, busy, work.contains("delete")), task -> new Thread(task, "writer").start());
            try {
                result(leases.get(0).revoke());
            } finally {
                done.set(true);
            }
            result(written);
            assertThat(keys(other)).containsExactly(DIR.key("kept"));
            Awaitility.await().atMost(LONG).until(() -> deletions.get() == 500);
            assertThat(revisions).as("revisions in which they went").hasSize(1);
            assertThat(leases.get(1).isHeld()).isTrue();
        }
    }

    private static void writeUntil(AtomicBoolean done, KvBackend busy, boolean delete) {
        Semaphore room = new Semaphore(128);
        for (int i = 0; !done.get(); i++) {
            Key key = Key.of("/busy/" + i);
            room.acquireUninterruptibly();
            CompletableFuture<?> write = busy.create(key, text(i));
            if (delete) {
                write = write.thenCompose(created -> busy.delete(key));
            }
            write.whenComplete((written, failure) -> room.release());
        }
        room.acquireUninterruptibly(128);
    }

    /** The second put may still be on its way when the first lease is revoked. */
    @Test
    void entryThatIsMovedIsNotDeletedByTheLeaseItHadBefore() {
        try (KvBackend handle = open("/moved")) {
            for (int i = 0; i < 100; i++) {
                List<Lease> leases = grant(handle, 2, TTL);
                Key key = DIR.key("k" + i);
                result(handle.put(key, text("first"), leases.get(0)));
                CompletableFuture<Commit> moved = handle.put(key, text("second"), leases.get(1));
                if (i % 2 == 0) {
                    result(moved);
                }
                CompletableFuture<Void> revoked = leases.get(0).revoke();
                result(moved);
                result(revoked);
                assertThat(result(handle.get(key)).value()).contains(text("second"));
                result(handle.put(key, text("third"), leases.get(1)));
                result(leases.get(1).revoke());
                assertThat(result(handle.get(key)).isPresent()).isFalse();
            }
        }
    }

    /** Between the look and the deletion, as late as can be. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void entryThatOthersCreateAgainWhileItsLeaseIsRevokedStays(boolean conditional) {
        String root = "/again-" + conditional;
        Key key = DIR.key("again");
        AtomicBoolean due = new AtomicBoolean();
        try (KvBackend other = open(root);
                TcpProxy proxy = TcpProxy.to(server.port())) {
            Runnable deed = () -> {
                if (due.compareAndSet(true, false)) {
                    if (conditional) {
                        result(other.delete(
                                key,
                                result(other.get(key)).entry().orElseThrow().revision()));
                    } else {
                        result(other.delete(key));
                    }
                    result(other.create(key, text("theirs")));
                }
            };
            proxy.tap(() -> new DeletionTap(root + key.path(), deed));
            try (KvBackend handle = open(proxy.address(), root)) {
                Lease lease = result(handle.grantLease(TTL));
                result(handle.put(key, text("ours"), lease));
                result(handle.put(DIR.key("another"), text("ours"), lease));
                due.set(true);
                result(lease.revoke());
                assertThat(due).isFalse();
                assertThat(keys(other)).containsExactly(key);
                assertThat(result(other.get(key)).value()).contains(text("theirs"));
            }
        }
    }

    /** What every store promises, with keys and a root of the greatest length. */
    @Test
    void leaseTakesAsManyEntriesAsIsPromised() {
        String root = "/" + "r".repeat(Layout.MAX_ROOT_BYTES - 1);
        try (KvBackend handle = open(root);
                KvBackend other = open(root)) {
            Lease lease = result(handle.grantLease(TTL));
            String name = "x".repeat(Limits.MAX_KEY_BYTES - DIR.toString().length() - 4);
            List<CompletableFuture<Commit>> puts = IntStream.range(0, Limits.MIN_LEASE_ENTRIES)
                    .mapToObj(i -> handle.put(DIR.key(name + String.format("%03d", i)), text("v"), lease))
                    .toList();
            puts.forEach(Await::result);
            assertThat(keys(other)).hasSize(Limits.MIN_LEASE_ENTRIES);
            result(lease.revoke());
            assertThat(keys(other)).isEmpty();
        }
    }

    @Test
    void leaseTakesNoMoreThanAServerCanDeleteAtOnceAndIsRevokedAsAWhole() {
        try (KvBackend handle = open("/full");
                KvBackend other = open("/full")) {
            Lease lease = result(handle.grantLease(TTL));
            String name = "x".repeat(400);
            List<CompletableFuture<Commit>> puts = new ArrayList<>();
            for (int i = 0; i < 1_200; i++) {
                puts.add(handle.put(DIR.key(name + i), text("v"), lease));
            }
            int refused = 0;
            for (CompletableFuture<Commit> put : puts) {
                try {
                    result(put);
                } catch (KvException e) {
                    refused++;
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                    assertThat(e).hasMessageContaining(Integer.toString(LeaseEntries.MOST_BYTES));
                }
            }
            List<Key> held = keys(other);
            assertThat(held).hasSize(1_200 - refused).hasSizeGreaterThan(900);
            assertThat(refused).isPositive();
            // Another lease has room, and so has this one when others have deleted something.
            Lease next = result(handle.grantLease(TTL));
            result(handle.put(DIR.key("next"), text("v"), next));
            held.subList(0, 10).forEach(key -> result(other.delete(key)));
            result(handle.put(DIR.key(name + "room"), text("v"), lease));

            result(lease.revoke());
            assertThat(keys(other)).containsExactly(DIR.key("next"));
        }
    }

    @Test
    void expiredSessionEndsAllItsLeasesOnceAndSaysWhy() {
        try (KvBackend handle = open("/expired")) {
            List<Lease> leases = grant(handle, 10, TTL);
            Queue<LeaseEnd> told = new ConcurrentLinkedQueue<>();
            List<CompletableFuture<Boolean>> telling = new ArrayList<>();
            leases.forEach(lease -> {
                result(handle.put(DIR.key(lease.id()), text("v"), lease));
                telling.add(lease.ended().thenApply(told::add).toCompletableFuture());
            });
            SessionThief.end(server.address(), leases.get(0));
            telling.forEach(Await::result);
            assertThat(leases).noneMatch(Lease::isHeld);
            KvException failure = failure(handle.put(DIR.key("late"), text("v"), leases.get(3)));
            assertThat(failure).isInstanceOf(LeaseLostException.class);
            assertThat(failure.getCause()).hasMessageContaining("expire");
            assertThat(keys(handle)).isEmpty();
            Lease again = result(handle.grantLease(TTL));
            result(handle.put(DIR.key("late"), text("v"), again));
            // Whoever is told of a later end has been told of all that there was of those before.
            CompletableFuture<LeaseEnd> later =
                    again.ended().thenApply(end -> end).toCompletableFuture();
            result(again.revoke());
            assertThat(result(later)).isEqualTo(LeaseEnd.REVOKED);
            assertThat(told).hasSize(10).containsOnly(LeaseEnd.LOST);
        }
    }
}
