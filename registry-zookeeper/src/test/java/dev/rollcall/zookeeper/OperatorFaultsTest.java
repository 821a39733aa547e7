package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Fault;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That the faults which operators of ZooKeeper cause in runs under faults do what their names say, and are undone. */
class OperatorFaultsTest {
    private static final String OWN = ZooKeeperCluster.ROOT + Layout.OWN_SUFFIX;
    private static final int LONGEST_SESSION = 40_000;

    private static ZooKeeperCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new ZooKeeperCluster();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static KvBackend open() {
        String members = String.join(
                ",", cluster.members().stream().map(m -> m.link().address()).toList());
        return KvBackends.open("zookeeper://" + members + ZooKeeperCluster.ROOT + "?timeout=60s");
    }

    /** Does it, looks at it, undoes it. */
    private static void during(Fault fault, Runnable look) {
        Deque<Runnable> undo = new ArrayDeque<>();
        try {
            cluster.disruption(fault).orElseThrow().strike(undo::push);
            look.run();
        } finally {
            undo.forEach(Runnable::run);
        }
    }

    private static List<String> own() {
        return Leftovers.children(cluster.members().get(0).server().address(), OWN);
    }

    /** Of a session that asks one member for the longest time there is. */
    private static int granted(ZooKeeperCluster.Member member) {
        Session session = new Session(member, 0, new byte[0]);
        try {
            session.await();
            return session.client.getSessionTimeout();
        } finally {
            session.close();
        }
    }

    /** Whether a session that one member has begun is known to another. */
    private static boolean isShared() {
        Session session = new Session(cluster.members().get(0), 0, new byte[0]);
        session.await();
        long id = session.client.getSessionId();
        Session moved = new Session(cluster.members().get(1), id, session.client.getSessionPasswd());
        try {
            return moved.await() == KeeperState.SyncConnected;
        } finally {
            moved.close();
            session.close();
        }
    }

    /** Of ZooKeeper's own client. */
    private static final class Session {
        private final CompletableFuture<KeeperState> state = new CompletableFuture<>();
        private final ZooKeeper client;

        Session(ZooKeeperCluster.Member member, long id, byte[] password) {
            try {
                client = new ZooKeeper(
                        member.server().address(),
                        LONGEST_SESSION,
                        event -> {
                            if (event.getState() != KeeperState.Disconnected) {
                                state.complete(event.getState());
                            }
                        },
                        id,
                        password);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        KeeperState await() {
            return result(state.orTimeout(60, TimeUnit.SECONDS));
        }

        void close() {
            try {
                client.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void storeIsPutBackToWhatItWasAndComesBackEmpty() {
        Key kept = Directory.of("/back").key("kept");
        Key later = Directory.of("/back").key("later");
        write(kept);
        during(Fault.RESTORE_OLDER, () -> write(later));
        assertThat(isThere(kept)).isTrue();
        assertThat(isThere(later)).isFalse();
        during(Fault.WIPE, () -> assertThat(isThere(kept)).isTrue());
        assertThat(isThere(kept)).isFalse();
    }

    private static void write(Key key) {
        try (KvBackend backend = open()) {
            result(backend.put(key, text("v")));
        }
    }

    private static boolean isThere(Key key) {
        try (KvBackend backend = open()) {
            return result(backend.get(key)).isPresent();
        }
    }

    @Test
    void membersAreConfiguredAsTheDocumentationShowsItAndNotOtherwise() {
        for (ZooKeeperCluster.Member member : cluster.members()) {
            assertThat(member.server().configuration().stream().map(line -> line.replaceAll("=.*", "")))
                    .containsExactlyInAnyOrder(
                            "tickTime",
                            "dataDir",
                            "clientPort",
                            "initLimit",
                            "syncLimit",
                            "server.1",
                            "server.2",
                            "server.3");
            assertThat(member.server().configuration()).contains("tickTime=2000");
        }
    }

    @Test
    void everythingIsGoneAndWhatIsWrittenNextStays() {
        try (KvBackend handle = open()) {
            result(handle.put(Key.of("/gone/a/k"), text("1")));
            result(handle.put(Key.of("/k"), text("1")));
            during(Fault.DELETE_ROOT, () -> {
                assertThat(Leftovers.children(cluster.members().get(0).server().address(), "/"))
                        .doesNotContain("nemesis")
                        .contains("nemesis.rollcall");
                assertThat(result(handle.list(Directory.ROOT)).entries()).isEmpty();
            });
            result(handle.put(Key.of("/gone/a/k"), text("2")));
            assertThat(result(handle.list(Directory.ROOT)).entries()).hasSize(1);
        }
    }

    /** The first time all of it, and then the receipts. */
    @Test
    void bookkeepingIsDeletedAndTheBackendMakesItAgain() {
        try (KvBackend handle = open()) {
            result(handle.put(Key.of("/books/k"), text("1")));
            assertThat(own()).anyMatch(name -> name.startsWith("s")).contains("g0", "d63");
            during(Fault.DELETE_BOOKKEEPING, () -> assertThat(own()).isEmpty());
            result(handle.put(Key.of("/books/k"), text("2")));
            assertThat(own()).anyMatch(name -> name.startsWith("s")).contains("g0", "d63");
            during(
                    Fault.DELETE_BOOKKEEPING,
                    () -> assertThat(own())
                            .noneMatch(name -> name.startsWith("s"))
                            .contains("g0", "d63"));
            result(handle.put(Key.of("/books/k"), text("3")));
            assertThat(own()).anyMatch(name -> name.startsWith("s"));
        }
    }

    @Test
    void sessionsGetLessTimeFromEachMemberAndThenTheirTimeAgain() {
        during(
                Fault.SHRINK_SESSION_TIMEOUT,
                () -> cluster.members()
                        .forEach(member -> assertThat(granted(member)).isEqualTo(4_000)));
        cluster.members().forEach(member -> assertThat(granted(member)).isEqualTo(LONGEST_SESSION));
        assertThat(cluster.members().get(0).server().configuration()).doesNotContain(ZooKeeperCluster.SHORT_SESSIONS);
    }

    @Test
    void newSessionsStayWithTheirMemberAndThenAreSharedAgain() {
        during(Fault.LOCAL_SESSIONS, () -> assertThat(isShared()).isFalse());
        assertThat(isShared()).isTrue();
    }

    @Test
    void everythingIsReadOnlyAndThenWritableAgain() {
        Key key = Key.of("/denied/k");
        try (KvBackend handle = open()) {
            result(handle.put(key, text("1")));
            during(Fault.DENY, () -> {
                assertThat(failure(handle.put(key, text("2")))).isInstanceOf(AccessDeniedException.class);
                assertThat(failure(handle.put(Key.of("/denied/other"), text("2"))))
                        .isInstanceOf(AccessDeniedException.class);
                assertThat(failure(handle.put(Key.of("/elsewhere/other"), text("2"))))
                        .isInstanceOf(AccessDeniedException.class);
                assertThat(result(handle.get(key)).isPresent()).isTrue();
            });
            result(handle.put(key, text("3")));
            result(handle.put(Key.of("/denied/other"), text("3")));
            result(handle.put(Key.of("/elsewhere/other"), text("3")));
        }
    }
}
