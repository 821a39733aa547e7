package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * Makes reads of one session linearizable: each follows, on the same connection, a barrier that began after it was asked for. Reads that come while a
 * barrier is under way share the next, and as many as fit also share a request, so that there is one barrier at a time and no read waits for a batch to
 * fill.
 *
 * <p>A {@code sync} would not do: a leader that has been deposed and does not know it yet answers one by itself, and the read after it is
 * stale. The barrier is a write, which only a majority can confirm.
 */
final class FreshReads {
    /** A transaction that changes nothing, and that a majority has to agree on like any other. */
    private static final List<Op> BARRIER = List.of(Op.check("/", -1));

    private static final int MOST_OPS = 128;
    /** Of an answer that is shared, as far as that can be told from the one before. */
    private static final long MOST_BYTES = 2L << 20;

    /* Concurrency: lock guards every field below it but wire; also held while a batch is handed to the client, which queues it. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Transport transport;
    private final boolean together;
    private final ReplyBudget budget = new ReplyBudget();
    private List<Read> waiting = new ArrayList<>();
    private boolean busy;

    /** @param together whether reads may share a request */
    FreshReads(Transport transport, boolean together) {
        this.transport = transport;
        this.together = together;
    }

    private record Read(List<Op> ops, Consumer<Reply> answer) {}

    /** Writes nothing, and shows by its answer that a majority still follows this session's server. */
    static void barrier(Transport transport, Consumer<Reply> answer) {
        transport.write(BARRIER, answer);
    }

    void read(List<Op> ops, Consumer<Reply> answer) {
        lock.lock();
        try {
            waiting.add(new Read(ops, answer));
            if (!busy) {
                sendBatch();
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendBatch() {
        List<Read> batch = waiting;
        waiting = new ArrayList<>();
        busy = true;
        Passage passage = new Passage();
        barrier(transport, passage::opened);
        for (List<Read> group : groups(batch)) {
            List<Op> ops = group.get(0).ops;
            if (group.size() > 1) {
                ops = new ArrayList<>();
                for (Read read : group) {
                    ops.addAll(read.ops);
                }
            }
            transport.read(ops, reply -> answered(group, passage.judge(reply)));
        }
    }

    private List<List<Read>> groups(List<Read> batch) {
        List<List<Read>> groups = new ArrayList<>();
        List<Read> group = new ArrayList<>();
        int ops = 0;
        int most = budget.nodes(MOST_OPS, MOST_BYTES);
        RequestSize.Room room = new RequestSize.Room();
        for (Read read : batch) {
            List<String> paths = read.ops.stream().map(Op::getPath).toList();
            boolean fits = room.takes(paths) && together && ops + read.ops.size() <= most;
            if (!group.isEmpty() && !fits) {
                groups.add(group);
                group = new ArrayList<>();
                ops = 0;
                room = new RequestSize.Room();
                room.takes(paths);
            }
            group.add(read);
            ops += read.ops.size();
        }
        groups.add(group);
        return groups;
    }

    private void answered(List<Read> group, Reply reply) {
        budget.learn(reply.results());
        if (group.size() == 1) {
            group.get(0).answer.accept(reply);
            return;
        }
        List<Runnable> answers = new ArrayList<>();
        int next = 0;
        for (Read read : group) {
            int from = next;
            int to = from + read.ops.size();
            answers.add(() -> read.answer.accept(reply.part(from, to)));
            next = to;
        }
        Answers.give(answers);
    }

    /** What the barrier of a batch let through. Confined to the client's event thread, on which it is answered first. */
    private final class Passage {
        private Code barrier = Code.CONNECTIONLOSS;

        void opened(Reply reply) {
            // An operation of the barrier may fail, for want of permission: what counts is that it was agreed on.
            barrier = reply.code();
            lock.lock();
            try {
                if (waiting.isEmpty()) {
                    busy = false;
                } else {
                    sendBatch();
                }
            } finally {
                lock.unlock();
            }
        }

        /** A read that was answered, though its barrier was lost, may have got to another server on a new connection. */
        Reply judge(Reply reply) {
            return barrier == Code.OK ? reply : new Reply(barrier, 0, false, true, List.of());
        }
    }
}
