package dev.rollcall.zookeeper;

import static org.apache.zookeeper.CreateMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.Test;

/** What goes together, and what becomes smaller after a connection has broken. */
class WriteQueueTest {
    private static final int LARGE = 20_000;

    private record Sent(List<Op> ops, Consumer<Reply> answer) {}

    private final AtomicLong now = new AtomicLong();
    private final BatchLimit limit = new BatchLimit(now::get);
    private final Deque<Sent> sent = new ArrayDeque<>();
    private final List<WriteResult> told = new ArrayList<>();
    private final Layout layout = Layout.of("/w");
    private final Receipts receiptSlots = new Receipts(layout.own(), 1, Ids.OPEN_ACL_UNSAFE);

    /** A wire on which nothing is answered by itself. */
    private Transport transport() {
        return (Transport) Proxy.newProxyInstance(
                Transport.class.getClassLoader(), new Class<?>[] {Transport.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("write");
                    @SuppressWarnings("unchecked")
                    Sent request = new Sent((List<Op>) arguments[0], (Consumer<Reply>) arguments[1]);
                    sent.add(request);
                    return null;
                });
    }

    private WriteQueue connect() {
        return new WriteQueue(transport(), receiptSlots, limit, true, (queue, batch, reply) -> {
            if (reply.answered()) {
                queue.ended(batch, WriteResult.of(reply)).run();
            } else {
                queue.doubtful(batch);
            }
        });
    }

    private void add(WriteQueue queue, int number, boolean alone) {
        List<Op> ops = List.of(Op.setData("/w/k" + number, new byte[LARGE], -1));
        queue.add(PendingWrite.of(layout, ops, alone, () -> true, told::add));
    }

    private static Reply applied() {
        return new Reply(Code.OK, 1, true, true, List.of());
    }

    private static Reply lost() {
        return new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of());
    }

    private void breakConnection(WriteQueue queue) {
        List<Sent> open = List.copyOf(sent);
        sent.clear();
        open.forEach(request -> request.answer.accept(lost()));
        queue.close(Code.CONNECTIONLOSS).run();
        sent.clear();
    }

    /** Or the others would learn of it at their deadlines only. */
    @Test
    void writeThatFailsToHandleItsAnswerKeepsNoOtherFromItsOwn() {
        WriteQueue queue = connect();
        // These two are under way, so that what follows shares a request.
        add(queue, 0, false);
        add(queue, 1, false);
        List<Op> ops = List.of(Op.setData("/w/k2", new byte[0], -1));
        queue.add(PendingWrite.of(layout, ops, false, () -> true, written -> {
            throw new IllegalStateException("made up by a test");
        }));
        add(queue, 3, false);
        sent.remove().answer.accept(applied());
        told.clear();
        sent.remove().answer.accept(applied());
        Sent shared = sent.remove();
        assertThat(shared.ops).as("two writes and a receipt").hasSize(3);
        told.clear();
        assertThatThrownBy(() -> shared.answer.accept(applied())).isInstanceOf(IllegalStateException.class);
        assertThat(told).hasSize(1);
    }

    /** How many writes the largest request has, while a hundred wait. */
    private int together(WriteQueue queue) {
        for (int i = 0; i < 100; i++) {
            add(queue, i, false);
        }
        int most = 0;
        for (int i = 0; i < 4; i++) {
            Sent request = sent.remove();
            // One is the receipt.
            most = Math.max(most, request.ops.size() - 1);
            request.answer.accept(applied());
        }
        return most;
    }

    @Test
    void connectionThatBreaksUnderASharedRequestMakesThoseOfTheNextSmaller() {
        WriteQueue first = connect();
        assertThat(together(first)).isEqualTo(13);
        breakConnection(first);
        WriteQueue second = connect();
        assertThat(together(second)).isEqualTo(3);
        breakConnection(second);
        assertThat(together(connect())).isEqualTo(1);
    }

    @Test
    void requestsGrowAgainAfterAWhileWithinAConnection() {
        WriteQueue first = connect();
        together(first);
        breakConnection(first);
        WriteQueue second = connect();
        assertThat(together(second)).isEqualTo(3);
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(together(second)).isEqualTo(12);
        now.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(together(second)).isEqualTo(13);
    }

    private void create(WriteQueue queue, String... paths) {
        List<Op> ops = Arrays.stream(paths)
                .map(path -> Op.create(path, path.endsWith("/d") ? null : new byte[1], Ids.OPEN_ACL_UNSAFE, PERSISTENT))
                .toList();
        queue.add(PendingWrite.of(layout, ops, false, () -> true, told::add));
    }

    private static Reply refused(int index, Code code) {
        List<OpResult> results = new ArrayList<>(Collections.nCopies(index, new OpResult.CheckResult()));
        results.add(new ErrorResult(code.intValue()));
        return new Reply(Code.OK, 1, true, true, results);
    }

    @Test
    void allThatAMissingDirectoryIsInTheWayOfLearnItFromOneRefusal() {
        WriteQueue queue = connect();
        add(queue, 1, false);
        add(queue, 2, false);
        create(queue, "/w/e/other");
        for (int i = 0; i < 250; i++) {
            create(queue, "/w/d/" + i);
        }
        create(queue, "/w/d", "/w/d/with-it");
        sent.remove().answer.accept(applied());
        sent.remove().answer.accept(applied());
        told.clear();
        sent.remove().answer.accept(refused(1, Code.NONODE));
        assertThat(told).hasSize(150).allMatch(one -> one.equals(new WriteResult.Rejected(0, Code.NONODE)));
        sent.remove().answer.accept(refused(0, Code.NONODE));
        assertThat(told).hasSize(250);
        while (!sent.isEmpty()) {
            sent.remove().answer.accept(applied());
        }
        assertThat(told.subList(250, told.size())).hasSize(2).allMatch(WriteResult.Applied.class::isInstance);
    }

    @Test
    void thoseThatWouldMakeADirectoryLearnThatAnotherHas() {
        WriteQueue queue = connect();
        for (int i = 0; i < 100; i++) {
            create(queue, "/w/d", "/w/d/" + i);
        }
        int underWay = sent.size();
        sent.remove().answer.accept(applied());
        assertThat(told).hasSize(100 - underWay + 1);
        assertThat(told.get(0)).isInstanceOf(WriteResult.Applied.class);
        assertThat(told.subList(1, told.size()))
                .allMatch(one -> one.equals(new WriteResult.Rejected(0, Code.NODEEXISTS)));
        assertThat(sent).hasSize(underWay - 1);
    }

    @Test
    void refusalForAnEntryConcernsNoOtherAndMakesTheNextRequestsSmaller() {
        WriteQueue queue = connect();
        add(queue, 1, false);
        add(queue, 2, false);
        for (int i = 0; i < 100; i++) {
            create(queue, "/w/" + i);
        }
        sent.remove().answer.accept(applied());
        sent.remove().answer.accept(applied());
        told.clear();
        assertThat(sent.element().ops).hasSize(101);
        sent.remove().answer.accept(refused(7, Code.NODEEXISTS));
        assertThat(told).containsExactly(new WriteResult.Rejected(0, Code.NODEEXISTS));
        assertThat(sent.element().ops).hasSizeLessThan(60);
    }

    @Test
    void writeThatMustBeAloneHasTheWireToItself() {
        WriteQueue queue = connect();
        add(queue, 1, false);
        add(queue, 2, true);
        add(queue, 3, false);
        assertThat(sent).hasSize(1);
        sent.remove().answer.accept(applied());
        assertThat(sent).hasSize(1);
        assertThat(sent.element().ops.get(0).getPath()).isEqualTo("/w/k2");
        add(queue, 4, true);
        sent.remove().answer.accept(applied());
        assertThat(sent).hasSize(1);
        assertThat(sent.element().ops.get(0).getPath()).isEqualTo("/w/k4");
        sent.remove().answer.accept(applied());
        assertThat(sent).hasSize(1);
        sent.remove().answer.accept(applied());
        assertThat(told).hasSize(4).allMatch(WriteResult.Applied.class::isInstance);
    }
}
