package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A write whose answer was lost is settled though the server is too busy when it is first asked about. */
class DoubtsTest {
    private record Sent(String what, List<Op> ops, Consumer<Reply> answer) {}

    private final Deque<Sent> sent = new ArrayDeque<>();
    private final Deque<Runnable> due = new ArrayDeque<>();
    private final List<Written> told = new ArrayList<>();
    private final CompletableFuture<Watcher> watcher = new CompletableFuture<>();
    private final Chores chores = new Chores();
    private byte[] receipt = new byte[0];

    /** Time that passes when the test says so. */
    private final TimeSource time = new TimeSource() {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH;
        }

        @Override
        public Subscription schedule(Duration delay, Runnable task) {
            due.add(task);
            return () -> due.remove(task);
        }
    };

    /** A wire on which nothing is answered by itself. */
    private final Wire wire = (Wire) Proxy.newProxyInstance(
            Wire.class.getClassLoader(),
            new Class<?>[] {Wire.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "read", "write" -> {
                    @SuppressWarnings("unchecked")
                    Sent request = new Sent(method.getName(), (List<Op>) arguments[0], (Consumer<Reply>) arguments[1]);
                    sent.add(request);
                    yield null;
                }
                case "sessionId", "lastZxid" -> 1L;
                case "grantedTimeoutMillis" -> 10_000;
                case "members" -> 1;
                case "silence", "slowestAnswer" -> Duration.ZERO;
                case "abandon" -> null;
                default -> throw new AssertionError(method.getName());
            });

    private Session session;

    @BeforeEach
    void loseAnAnswer() {
        session = new Session(
                ZooKeeperConfig.of(BackendUrl.parse("zookeeper://unused/d")),
                (config, timeout, told, faults) -> {
                    watcher.complete(told);
                    return wire;
                },
                chores,
                time,
                (timeout, members, slowest) -> null,
                new Deaf());
        session.open(10_000);
        Await.result(watcher);
        tell(KeeperState.SyncConnected);
        session.write(List.of(Op.setData("/d/k", new byte[1], -1)), false, () -> true, told::add);
        Sent write = sent.remove();
        receipt = ((CreateRequest) write.ops.get(1).toRequestRecord()).getData();
        write.answer.accept(new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of()));
        tell(KeeperState.Disconnected);
        assertThat(told).isEmpty();
        tell(KeeperState.SyncConnected);
    }

    @AfterEach
    void close() {
        session.abandon();
        chores.close();
    }

    private void tell(KeeperState state) {
        watcher.join().process(new WatchedEvent(EventType.None, state, null));
    }

    private void answer(String what, Reply reply) {
        Sent request = sent.remove();
        assertThat(request.what).isEqualTo(what);
        request.answer.accept(reply);
    }

    private void receiptsAre(byte[] data) {
        Stat stat = new Stat();
        stat.setMzxid(7);
        OpResult result = new GetDataResult(data, stat);
        answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        answer("read", new Reply(Code.OK, 8, true, true, List.of(result)));
    }

    private static Reply busy() {
        return new Reply(Code.THROTTLEDOP, 0, true, true, List.of());
    }

    @Test
    void barrierThatAServerIsTooBusyForIsSentAgain() {
        answer("write", busy());
        answer("read", new Reply(Code.OK, 8, true, true, List.of(new GetDataResult(new byte[0], new Stat()))));
        assertThat(told).isEmpty();
        assertThat(sent).isEmpty();
        due.remove().run();
        receiptsAre(receipt);
        assertThat(told).containsExactly(new Written.Applied(7, List.of()));
        assertThat(due).isEmpty();
    }

    @Test
    void receiptsThatAServerIsTooBusyForAreReadAgain() {
        answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        answer("read", busy());
        assertThat(told).isEmpty();
        due.remove().run();
        receiptsAre(new byte[] {1});
        assertThat(told).containsExactly(new Written.NotApplied(Code.CONNECTIONLOSS, true));
    }

    @Test
    void theNextConnectionSettlesWhatTheLastDidNot() {
        answer("write", busy());
        answer("read", busy());
        Runnable again = due.remove();
        tell(KeeperState.Disconnected);
        again.run();
        assertThat(sent).isEmpty();
        tell(KeeperState.SyncConnected);
        receiptsAre(receipt);
        assertThat(told).containsExactly(new Written.Applied(7, List.of()));
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
