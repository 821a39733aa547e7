package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.support.HandleThreads;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where what the client tells cannot be handled, for want of memory perhaps, the session ends aloud and does not fall silent. */
class SessionCrashTest {
    /** Where in a session's life its owner fails. */
    enum Failing {
        CONNECTED {
            @Override
            void fail(Session session) {
                throw madeUp();
            }
        },
        ANSWER {
            @Override
            void fail(Session session) {
                session.barrier(reply -> {
                    throw madeUp();
                });
            }
        },
        WATCHING {
            @Override
            void fail(Session session) {
                session.watchBelow("/", code -> {
                    throw madeUp();
                });
            }
        };

        /** What the listener does when the session is connected. */
        abstract void fail(Session session);

        private static OutOfMemoryError madeUp() {
            return new OutOfMemoryError("made up by a test");
        }
    }

    @ParameterizedTest
    @EnumSource(Failing.class)
    void sessionThatFailsToHandleWhatItIsToldEnds(Failing failing) {
        CompletableFuture<Code> ended = new CompletableFuture<>();
        withSession(new Listener(ended, failing::fail), session -> {
            assertThat(result(ended)).isEqualTo(Code.SYSTEMERROR);
            assertThat(session.isConnected()).isFalse();
        });
    }

    private static void withSession(SessionListener listener, Consumer<Session> test) {
        ClientThreads clients = new ClientThreads();
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                HandleThreads threads = HandleThreads.open("zookeeper")) {
            ZooKeeperConfig config = ZooKeeperConfig.of(BackendUrl.parse("zookeeper://" + server.address() + "/crash"));
            Session session = new Session(
                    config, ClientTransport::open, clients, threads.time(), SilenceGuard::forOperations, listener);
            session.open(10_000);
            test.accept(session);
        } finally {
            clients.close();
        }
    }

    /** Does something when the session is connected, and keeps why it ends. */
    private record Listener(CompletableFuture<Code> end, Consumer<Session> onConnected) implements SessionListener {
        @Override
        public void connected(Session which) {
            onConnected.accept(which);
        }

        @Override
        public void suspended(Session which) {}

        @Override
        public void ended(Session which, Code cause) {
            end.complete(cause);
        }

        @Override
        public void event(Session which, WatchedEvent event) {}

        @Override
        public void unreachable(Session which, int attempts, String reasons) {}
    }
}
