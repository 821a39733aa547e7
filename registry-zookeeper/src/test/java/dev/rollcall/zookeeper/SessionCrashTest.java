package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.support.HandleThreads;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.junit.jupiter.api.Test;

/** Where an answer cannot be handled, for want of memory perhaps, the session ends aloud and does not fall silent. */
class SessionCrashTest {
    @Test
    void sessionThatFailsToHandleAnAnswerEnds() {
        CompletableFuture<Code> ended = new CompletableFuture<>();
        Chores chores = new Chores();
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                HandleThreads threads = HandleThreads.open("zookeeper")) {
            ZooKeeperConfig config = ZooKeeperConfig.of(BackendUrl.parse("zookeeper://" + server.address() + "/crash"));
            Session session = new Session(
                    config,
                    ClientWire::open,
                    chores,
                    threads.time(),
                    SilenceGuard::forOperations,
                    new SessionListener() {
                        @Override
                        public void connected(Session which) {
                            which.barrier(reply -> {
                                throw new OutOfMemoryError("made up by a test");
                            });
                        }

                        @Override
                        public void suspended(Session which) {}

                        @Override
                        public void ended(Session which, Code cause) {
                            ended.complete(cause);
                        }

                        @Override
                        public void event(Session which, WatchedEvent event) {}

                        @Override
                        public void unreachable(Session which, int attempts, String reasons) {}
                    });
            session.open(10_000);
            assertThat(result(ended)).isEqualTo(Code.SYSTEMERROR);
            assertThat(session.isConnected()).isFalse();
        } finally {
            chores.close();
        }
    }
}
