package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;

/** A session on a wire on which nothing is answered by itself, and a clock on which nothing is due. */
final class RecordedWire implements AutoCloseable {
    /** A request that waits for its answer. */
    record Sent(String what, List<Op> ops, Consumer<Reply> answer) {}

    /* Concurrency: confined to the test's thread, but for the opening, which is waited for. */
    final Deque<Sent> sent = new ArrayDeque<>();
    /** What the session has scheduled. */
    final Deque<Runnable> due;

    final Session session;
    private final CompletableFuture<Watcher> watcher = new CompletableFuture<>();
    private final ClientThreads clients = new ClientThreads();

    RecordedWire() {
        StoppedClock clock = new StoppedClock();
        due = clock.due();
        Transport transport = (Transport) Proxy.newProxyInstance(
                Transport.class.getClassLoader(), new Class<?>[] {Transport.class}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "read", "write" -> {
                            @SuppressWarnings("unchecked")
                            Sent request = new Sent(method.getName(), (List<Op>) args[0], (Consumer<Reply>) args[1]);
                            sent.add(request);
                            yield null;
                        }
                        case "sessionId", "lastZxid" -> 1L;
                        case "grantedTimeoutMillis" -> 10_000;
                        case "members" -> 1;
                        case "silence", "slowestAnswer" -> Duration.ZERO;
                        case "abandon" -> null;
                        default -> throw new AssertionError(method.getName());
                    };
                });
        session = new Session(
                ZooKeeperConfig.of(BackendUrl.parse("zookeeper://unused/d")),
                (config, timeout, told, faults) -> {
                    watcher.complete(told);
                    return transport;
                },
                clients,
                clock,
                (timeout, members, slowest, doublings) -> null,
                new Deaf());
        session.open(10_000);
        Await.result(watcher);
        tell(KeeperState.SyncConnected);
    }

    void tell(KeeperState state) {
        Await.result(watcher).process(new WatchedEvent(EventType.None, state, null));
    }

    /** Answers the oldest request, which must be of this kind. */
    void answer(String what, Reply reply) {
        Sent request = sent.remove();
        assertThat(request.what).isEqualTo(what);
        request.answer.accept(reply);
    }

    @Override
    public void close() {
        session.abandon();
        clients.close();
    }

    /** A listener that does nothing. */
    private static final class Deaf implements SessionListener {
        @Override
        public void connected(Session which) {}

        @Override
        public void suspended(Session which) {}

        @Override
        public void ended(Session which, Code cause) {}

        @Override
        public void event(Session which, WatchedEvent event) {}

        @Override
        public void unreachable(Session which, int attempts, String reasons) {}
    }
}
