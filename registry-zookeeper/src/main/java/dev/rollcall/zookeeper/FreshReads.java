package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * Makes reads of one session linearizable: each follows, on the same connection, a barrier that began after it was asked for. Reads that
 * come while a barrier is under way share the next, so that there is one at a time and none waits for company.
 *
 * <p>A {@code sync} would not do: a leader that has been deposed and does not know it yet answers one by itself, and the read after it is
 * stale. The barrier is a write, which only a majority can confirm.
 */
final class FreshReads {
    /** A transaction that changes nothing, and that a majority has to agree on like any other. */
    private static final List<Op> BARRIER = List.of(Op.check("/", -1));

    /* Concurrency: lock guards waiting and busy; also held while a batch is handed to the client, which queues it. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Wire wire;
    private List<Read> waiting = new ArrayList<>();
    private boolean busy;

    FreshReads(Wire wire) {
        this.wire = wire;
    }

    private record Read(List<Op> ops, Consumer<Reply> answer) {}

    /** Writes nothing, and shows by its answer that a majority still follows this session's server. */
    static void barrier(Wire wire, Consumer<Reply> answer) {
        wire.write(BARRIER, answer);
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
        barrier(wire, passage::opened);
        for (Read read : batch) {
            wire.read(read.ops, reply -> read.answer.accept(passage.judge(reply)));
        }
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
