package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that comes back with less than it had: put back from a copy, or wiped. */
class RewindTest {
    private static final Directory DIR = Directory.of("/d");
    private static final Duration LONGEST = Duration.ofSeconds(120);
    /** The longest that a server with default settings grants, so that a holder which has to wait for its processor keeps it. */
    private static final Duration TTL = Duration.ofSeconds(25);

    private static KvBackend open(String hosts, String sessionTimeout) {
        return KvBackends.open("zookeeper://" + hosts + "/rewind?timeout=120s&sessionTimeout=" + sessionTimeout);
    }

    /** What a handle has open when its store goes back in time. */
    private record Open(KvBackend backend, Collector state, Collector changes, Lease lease, List<String> reasons) {}

    /** So that a lease outlives the slowest start of a server. */
    private static final String LONG_SESSIONS = "maxSessionTimeout=160000";

    private static final Duration LONG_TTL = Duration.ofSeconds(90);

    private static Open open(KvBackend backend, Lease lease) {
        List<String> reasons = new CopyOnWriteArrayList<>();
        backend.onConnection(status -> {
            KvException failure = status.lastFailure();
            if (failure != null) {
                reasons.add(failure.getMessage());
            }
        });
        Collector state = new Collector();
        backend.watch(DIR, WatchStart.snapshot(), state);
        result(backend.put(DIR.key("early"), text("changed")));
        long revision = result(backend.put(DIR.key("leased"), text("v"), lease)).revision();
        Collector changes = new Collector();
        backend.watch(DIR, WatchStart.after(revision), changes);
        long last = result(backend.put(DIR.key("later"), text("v"))).revision();
        until(() -> state.revision() >= last && changes.revision() >= last);
        return new Open(backend, state, changes, lease, reasons);
    }

    private static Open open(KvBackend backend) {
        return open(backend, result(backend.grantLease(TTL)));
    }

    private static void until(Callable<Boolean> condition) {
        Awaitility.await().atMost(LONGEST).until(condition);
    }

    private static void isTold(Open open, List<String> left) {
        until(() -> names(open.state()).equals(left));
        until(() -> open.changes().cause() != null);
        assertThat(open.changes().cause()).isInstanceOf(HistoryUnavailableException.class);
        assertThat(result(open.lease().ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        long revision = result(open.backend().put(DIR.key("new"), text("v"))).revision();
        until(() -> open.state().revision() >= revision);
        assertThat(open.state().held()).containsKey(DIR.key("new"));
        assertThat(result(open.backend().get(DIR.key("new"), ReadConsistency.SEQUENTIAL))
                        .isPresent())
                .isTrue();
        // Nobody renews what the copy had of a lease.
        until(() -> result(open.backend().get(DIR.key("leased"))).isPresent() == left.contains("leased"));
        Lease again = result(open.backend().grantLease(TTL));
        result(open.backend().put(DIR.key("leased"), text("v"), again));
        assertThat(open.state().faults()).isEmpty();
        assertThat(open.state().cause()).isNull();
    }

    private static void isNoticed(Open open, List<String> left) {
        isTold(open, left);
        assertThat(open.state().rewound()).isEqualTo(1);
        until(() -> open.reasons().stream().anyMatch(reason -> reason.contains("gone back in time")));
        assertThat(open.changes().cause()).hasMessageContaining("gone back in time");
    }

    private static List<String> names(Collector collector) {
        return collector.held().keySet().stream().map(Key::name).toList();
    }

    private static List<Bytes> values(Collector collector) {
        return collector.held().values().stream().map(KeyValue::value).toList();
    }

    @Test
    void storePutBackToAnEarlierStateIsNoticed() {
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                KvBackend backend = open(server.address(), "4s")) {
            result(backend.put(DIR.key("early"), text("v")));
            copied(List.of(server));
            Open open = open(backend);
            putBack(List.of(server), false);
            isNoticed(open, List.of("early"));
            assertThat(values(open.state())).contains(text("v"));
        }
    }

    @Test
    void wipedStoreIsNoticed() {
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                KvBackend backend = open(server.address(), "4s")) {
            Open open = open(backend);
            wiped(List.of(server));
            isNoticed(open, List.of());
        }
    }

    @Test
    void leaseThatTheNewStoreHasGrantedBeforeTheHandleNoticedIsKept() {
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                KvBackend backend = open(server.address(), "20s")) {
            Open open = open(backend);
            wiped(List.of(server));
            Lease early = result(backend.grantLease(TTL));
            until(() -> open.state().rewound() == 1);
            assertThat(early.isHeld()).isTrue();
            result(backend.put(DIR.key("early"), text("v"), early));
        }
    }

    @Test
    void storeThatHasPassedTheOldTransactionMeanwhileIsToldInFull() {
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = open(proxy.address(), "4s")) {
            Open open = open(backend);
            proxy.refuse();
            proxy.cut();
            until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
            wiped(List.of(server));
            try (KvBackend other = KvBackends.open("zookeeper://" + server.address() + "/elsewhere?timeout=40s")) {
                for (int i = 0; i < 100; i++) {
                    result(other.put(Key.of("/k"), text(i)));
                }
            }
            proxy.accept();
            isTold(open, List.of());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ensemblePutBackIsNoticedAlsoWhereItsLeaderCountsFromAHigherEpoch(boolean higher) {
        try (ZooKeeperServers servers = ZooKeeperServers.plainEnsemble(id -> List.of(LONG_SESSIONS));
                KvBackend backend = open(hosts(servers), "40s")) {
            result(backend.put(DIR.key("early"), text("v")));
            Lease lease = result(backend.grantLease(LONG_TTL));
            copied(servers.members());
            Open open = open(backend, lease);
            putBack(servers.members(), higher);
            isNoticed(open, List.of("early"));
            assertThat(values(open.state())).contains(text("v"));
        }
    }

    @Test
    void handleThatOnlyWatchesNoticesAnEntryThatHasItsOldRevisionAgain() {
        try (ZooKeeperServers servers = ZooKeeperServers.plainEnsemble();
                KvBackend writer = open(hosts(servers), "40s");
                KvBackend backend = open(hosts(servers), "40s")) {
            result(writer.put(DIR.key("early"), text("v")));
            copied(servers.members());
            Collector state = new Collector();
            backend.watch(DIR, WatchStart.snapshot(), state);
            long last = result(writer.put(DIR.key("early"), text("changed"))).revision();
            until(() -> state.revision() >= last);
            putBack(servers.members(), true);
            until(() -> state.rewound() == 1 && values(state).equals(List.of(text("v"))));
            result(writer.put(DIR.key("gone"), text("v")));
            result(writer.delete(DIR.key("gone")));
            Collector changes = new Collector();
            backend.watch(DIR, WatchStart.after(result(backend.list(DIR)).revision()), changes);
            long next = result(writer.put(DIR.key("next"), text("v"))).revision();
            until(() -> changes.revision() >= next || changes.cause() != null);
            assertThat(changes.cause()).as("why a watch after a list has ended").isNull();
            assertThat(state.faults()).isEmpty();
        }
    }

    @Test
    void restartIsNotTakenForATripInTime() {
        try (ZooKeeperServer server = ZooKeeperServer.plain(LONG_SESSIONS);
                KvBackend backend = open(server.address(), "40s")) {
            Open open = open(backend, result(backend.grantLease(LONG_TTL)));
            server.process().kill();
            server.process().start();
            long revision = result(backend.put(DIR.key("new"), text("v"))).revision();
            until(() -> open.state().revision() >= revision && open.changes().revision() >= revision);
            assertThat(open.state().rewound()).isZero();
            assertThat(open.lease().isHeld()).isTrue();
        }
    }

    private static String hosts(ZooKeeperServers servers) {
        return servers.members().stream().map(ZooKeeperServer::address).collect(Collectors.joining(","));
    }

    private static Path copyOf(ZooKeeperServer server) {
        return server.data().resolveSibling("copy");
    }

    private static void restarted(List<ZooKeeperServer> servers, Consumer<ZooKeeperServer> meanwhile) {
        servers.forEach(server -> server.process().kill());
        servers.forEach(meanwhile);
        servers.forEach(server -> server.process().launch());
        servers.forEach(server -> server.process().awaitReady());
    }

    private static void copied(List<ZooKeeperServer> servers) {
        restarted(servers, server -> copy(server.data(), copyOf(server)));
    }

    /** @param keepsEpoch whether what the members have promised each other is kept, so that the next leader has a higher number */
    private static void putBack(List<ZooKeeperServer> servers, boolean keepsEpoch) {
        restarted(servers, server -> {
            delete(server.data(), keepsEpoch ? "Epoch" : "myid");
            copy(copyOf(server), server.data());
        });
    }

    private static void wiped(List<ZooKeeperServer> servers) {
        restarted(servers, server -> delete(server.data(), "myid"));
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!Files.exists(target)) {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory, String butThoseThatEndIn) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!Files.isDirectory(file) && !file.toString().endsWith(butThoseThatEndIn)) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
