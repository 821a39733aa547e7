package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers to what leases have sent are lost, receipts are removed by hand, and access lists forbid a revocation. */
class LeaseDoubtsTest {
    private static final Duration TTL = Duration.ofSeconds(25);
    private static final List<ACL> NO_DELETION =
            List.of(new ACL(Perms.READ | Perms.WRITE | Perms.CREATE | Perms.ADMIN, Ids.ANYONE_ID_UNSAFE));
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Directory DIR = Directory.of("/d");

    private static ZooKeeperServer server;

    private final AtomicReference<WriteTap.Order> order = new AtomicReference<>();
    private String root;
    private TcpProxy proxy;
    private KvBackend handle;
    private KvBackend other;

    @BeforeAll
    static void startServer() {
        server = ZooKeeperServer.plain();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        root = "/" + test.getTestMethod().orElseThrow().getName()
                + test.getDisplayName().hashCode();
        proxy = TcpProxy.to(server.port());
        proxy.tap(() -> new WriteTap(order, root + "/"));
        handle = KvBackends.open("zookeeper://" + proxy.address() + root + "?timeout=50s");
        other = KvBackends.open("zookeeper://" + server.address() + root + "?timeout=50s");
    }

    @AfterEach
    void close() {
        proxy.accept();
        handle.close();
        other.close();
        proxy.close();
    }

    private List<Key> keys() {
        return result(other.list(DIR)).entries().stream().map(KeyValue::key).toList();
    }

    @Test
    void lostAnswerToAGrantIsNotTheEndOfIt() {
        Lease first = result(handle.grantLease(TTL));
        proxy.stall(Direction.REPLIES);
        CompletableFuture<Lease> granting = handle.grantLease(TTL);
        proxy.cut();
        proxy.flow();
        Lease second = result(granting);
        result(handle.put(DIR.key("k"), text("v"), second));
        result(first.revoke());
        assertThat(second.isHeld()).isTrue();
        assertThat(keys()).containsExactly(DIR.key("k"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOSE_ANSWER", "DROP_REQUEST"})
    void lostRevocationIsConfirmed(String fault) {
        Lease lease = result(handle.grantLease(TTL));
        Lease neighbour = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("a"), text("v"), lease));
        result(handle.put(DIR.key("b"), text("v"), lease));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        order.set(WriteTap.Order.valueOf(fault));
        result(lease.revoke());
        assertThat(order.get()).isNull();
        assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        assertThat(keys()).containsExactly(DIR.key("c"));
        assertThat(neighbour.isHeld()).isTrue();
    }

    /** In a rolling restart, or when a leader fails, one connection breaks after the other: no reason to give up the other leases of the session. */
    @Test
    void revocationOutlivesConnectionsThatBreakUnderIt() {
        Duration ttl = Duration.ofSeconds(30);
        Lease lease = result(handle.grantLease(ttl));
        Lease neighbour = result(handle.grantLease(ttl));
        result(handle.put(DIR.key("a"), text("v"), lease));
        result(handle.put(DIR.key("b"), text("v"), lease));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        AtomicInteger breaks = new AtomicInteger(4);
        proxy.tap(() -> new WriteTap(() -> breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0, root + "/"));
        proxy.cut();
        result(lease.revoke());
        assertThat(breaks).hasValue(0);
        assertThat(keys()).containsExactly(DIR.key("c"));
        assertThat(neighbour.isHeld()).isTrue();
        // In the same session, which takes more leases still.
        String session = neighbour.id().substring(0, neighbour.id().indexOf('-'));
        assertThat(result(handle.grantLease(ttl)).id()).startsWith(session + "-");
    }

    @Test
    void revocationThatIsTooLargeForTheServerTakesTheSessionAlong() {
        Duration ttl = Duration.ofSeconds(15);
        try (ZooKeeperServer small = ZooKeeperServer.plain(List.of(), List.of("jute.maxbuffer=65536"));
                KvBackend on = KvBackends.open("zookeeper://" + small.address() + "/large?timeout=50s")) {
            Lease lease = result(on.grantLease(ttl));
            Lease neighbour = result(on.grantLease(ttl));
            String name = "x".repeat(390);
            IntStream.range(0, 200)
                    .mapToObj(i -> on.put(DIR.key(name + i), text("v"), lease))
                    .toList()
                    .forEach(Await::result);
            assertThat(failure(lease.revoke()))
                    .hasMessageContainingAll("jute.maxbuffer", "whose other leases are lost")
                    .extracting(KvException::outcome)
                    .isEqualTo(Outcome.UNKNOWN);
            assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(result(on.list(DIR)).entries()).isEmpty();
            assertThat(result(neighbour.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        }
    }

    /** What was on its way when the lease was revoked is settled first. */
    @ParameterizedTest
    @ValueSource(strings = {"LOSE_ANSWER", "DROP_REQUEST"})
    void putInDoubtDoesNotOutliveTheRevocation(String fault) {
        Lease lease = result(handle.grantLease(TTL));
        Lease neighbour = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        proxy.refuse();
        order.set(WriteTap.Order.valueOf(fault));
        CompletableFuture<Commit> put = handle.put(DIR.key("a"), text("v"), lease);
        Awaitility.await().atMost(LONG).until(() -> order.get() == null);
        CompletableFuture<Void> revoked = lease.revoke();
        proxy.accept();
        result(revoked);
        boolean over = result(put.handle((done, failure) -> true));
        assertThat(over).isTrue();
        assertThat(keys()).containsExactly(DIR.key("c"));
    }

    @Test
    void entryWhoseReceiptWasRemovedByHandGoesWithItsLease() {
        Lease lease = result(handle.grantLease(TTL));
        Lease neighbour = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        proxy.refuse();
        order.set(WriteTap.Order.LOSE_ANSWER);
        CompletableFuture<Commit> put = handle.put(DIR.key("a"), text("v"), lease);
        Awaitility.await().atMost(LONG).until(() -> order.get() == null);
        Leftovers.removeChildren(server.address(), root + Layout.OWN_SUFFIX, name -> name.startsWith("s"));
        proxy.accept();
        assertThat(failure(put).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(lease.isHeld()).isTrue();
        assertThat(keys()).containsExactly(DIR.key("a"), DIR.key("c"));
        result(lease.revoke());
        assertThat(keys()).containsExactly(DIR.key("c"));
        assertThat(neighbour.isHeld()).isTrue();
    }

    @Test
    void bookkeepingRemovedByHandDoesNotKeepAnEntry() {
        Lease lease = result(handle.grantLease(TTL));
        Lease neighbour = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("a"), text("v"), lease));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        Leftovers.remove(server.address(), root + Layout.OWN_SUFFIX);
        result(lease.revoke());
        assertThat(keys()).containsExactly(DIR.key("c"));
        result(handle.put(DIR.key("e"), text("v"), neighbour));
    }

    /** Who waits for the entry to go may be another lease of the session, which would keep it for ever: a lock that nobody gets. */
    @Test
    void revocationThatAnAccessListForbadeComesTrueWhenThatIsGone() {
        Lease lease = result(handle.grantLease(TTL));
        Lease neighbour = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("a"), text("v"), lease));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        Leftovers.permit(server.address(), root + "/d", NO_DELETION);
        assertThat(failure(lease.revoke())).isInstanceOf(AccessDeniedException.class);
        Leftovers.permit(server.address(), root + "/d", Ids.OPEN_ACL_UNSAFE);
        assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        assertThat(keys()).containsExactly(DIR.key("c"));
        assertThat(neighbour.isHeld()).isTrue();
    }

    @Test
    void revocationThatStaysForbiddenForATtlTakesTheSessionAlong() {
        Duration ttl = Duration.ofSeconds(4);
        Lease lease = result(handle.grantLease(ttl));
        Lease neighbour = result(handle.grantLease(ttl));
        result(handle.put(DIR.key("a"), text("v"), lease));
        Leftovers.permit(server.address(), root + "/d", NO_DELETION);
        assertThat(failure(lease.revoke())).isInstanceOf(AccessDeniedException.class);
        assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        assertThat(keys()).isEmpty();
        assertThat(result(neighbour.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        assertThat(failure(handle.put(DIR.key("c"), text("v"), neighbour)))
                .hasStackTraceContaining("of the lease " + lease.id() + ", which was revoked, could not be deleted");
    }

    @Test
    void revocationThatAnAccessListForbidsIsSaidAndComesTrueWithTheSession() {
        Lease lease = result(handle.grantLease(TTL));
        Lease neighbour = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("a"), text("v"), lease));
        result(handle.put(DIR.key("c"), text("v"), neighbour));
        Leftovers.permit(server.address(), root + "/d", NO_DELETION);
        KvException failure = failure(lease.revoke());
        assertThat(failure)
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContainingAll("'" + root + "/d'", "tried again", "after the ttl", "other leases are lost");
        assertThat(lease.isHeld()).isFalse();
        assertThat(neighbour.isHeld()).isTrue();
        result(handle.put(DIR.key("e"), text("v"), neighbour));
        // In another session.
        Lease next = result(handle.grantLease(TTL));
        result(handle.put(DIR.key("f"), text("v"), next));
        result(neighbour.revoke());
        assertThat(keys()).containsExactly(DIR.key("f"));
        assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
    }
}
