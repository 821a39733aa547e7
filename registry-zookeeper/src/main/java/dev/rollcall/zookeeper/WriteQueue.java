package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.BatchQueue;
import dev.rollcall.zookeeper.Receipts.Slot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * The writes of one connection: decides which are sent as one transaction, with one receipt, and what the reply means for each. Guarded by its session's
 * lock; gives back what is to be told once that is released.
 */
final class WriteQueue {
    /** One that the servers agree on, and one that is on its way. */
    private static final int MOST_UNDER_WAY = 2;

    private static final int MOST_WRITES = 100;

    private final Transport transport;
    private final Receipts receiptSlots;
    private final Outcomes outcomes;
    private final BatchLimit limit;
    private final BatchQueue<PendingWrite> queue;
    /** Those that must be alone, which is on the wire as well: if the connection breaks, it is known by which of them. They go before all others. */
    private final Deque<PendingWrite> alone = new ArrayDeque<>();

    private int underWay;
    private boolean isAloneUnderWay;
    /** The size of the largest shared request whose answer was lost. */
    private int lost;

    /** Takes the answers to what was sent. */
    interface Outcomes {
        /** The transaction of {@code batch} has ended. Called without the lock. */
        void written(WriteQueue queue, Batch batch, Reply reply);
    }

    /**
     * Writes that were sent as one, and their receipt.
     *
     * @param mended whether they were sent before, and refused for want of the receipt's node or because of it
     */
    record Batch(List<PendingWrite> writes, Slot slot, boolean mended) {
        /** What tells each of them what became of it. */
        Consumer<WriteResult> answer() {
            return written -> {
                List<Runnable> told = new ArrayList<>();
                int next = 0;
                for (PendingWrite write : writes) {
                    int from = next;
                    int to = from + write.ops().size();
                    told.add(() -> write.answer()
                            .accept(written instanceof WriteResult.Applied all ? all.part(from, to) : written));
                    next = to;
                }
                Answers.give(told);
            };
        }
    }

    /**
     * The queue of one connection.
     *
     * @param limit is told at the end of this connection, by {@link #close}, what the next should know
     * @param together whether writes may share a transaction
     */
    WriteQueue(Transport transport, Receipts receiptSlots, BatchLimit limit, boolean together, Outcomes outcomes) {
        this.limit = limit;
        this.transport = transport;
        this.receiptSlots = receiptSlots;
        this.outcomes = outcomes;
        this.queue = together
                ? new BatchQueue<>(MOST_UNDER_WAY, MOST_WRITES, limit.bytes())
                : new BatchQueue<>(Integer.MAX_VALUE, 1, Long.MAX_VALUE);
    }

    void add(PendingWrite write) {
        if (write.isAlone()) {
            alone.add(write);
        } else {
            queue.add(write);
        }
        dispatch();
    }

    /** What is to be sent now, which is under way then; empty if nothing is. */
    private List<PendingWrite> next() {
        if (isAloneUnderWay || (!alone.isEmpty() && underWay > 0)) {
            return List.of();
        }
        List<PendingWrite> due;
        if (alone.isEmpty()) {
            queue.limitBytes(limit.bytes());
            due = queue.next();
        } else {
            due = List.of(alone.remove());
            isAloneUnderWay = true;
        }
        underWay += due.isEmpty() ? 0 : 1;
        return due;
    }

    /** One of what {@link #next} gave is not under way any more. */
    private void noLongerUnderWay() {
        underWay--;
        if (isAloneUnderWay) {
            isAloneUnderWay = false;
        } else {
            queue.ended();
        }
    }

    /** Sends what is due and finds a receipt; to be called again when one has become free. */
    void dispatch() {
        while (!receiptSlots.isExhausted()) {
            List<PendingWrite> due = next();
            if (due.isEmpty()) {
                return;
            }
            List<PendingWrite> leaving = due.stream()
                    .filter(write -> write.departure().getAsBoolean())
                    .toList();
            if (leaving.isEmpty()) {
                noLongerUnderWay();
                continue;
            }
            send(new Batch(leaving, receiptSlots.take(), false));
        }
    }

    private void send(Batch batch) {
        List<Op> ops = PendingWrite.ops(batch.writes());
        Slot slot = batch.slot();
        ops.add(receiptSlots.receipt(slot));
        transport.write(ops, reply -> outcomes.written(this, batch, reply));
    }

    /**
     * Sends a transaction again that was refused for nothing but its receipt, whose node somebody has removed, or which is there though it was
     * not known. Returns false if that is not so, or was tried already.
     */
    boolean mend(Batch batch, WriteResult written) {
        Slot slot = batch.slot();
        if (batch.mended()
                || !(written instanceof WriteResult.Rejected rejected)
                || PendingWrite.owner(batch.writes(), rejected.index()) >= 0) {
            return false;
        }
        boolean missing = rejected.code() == Code.NONODE && slot.exists;
        boolean unknown = rejected.code() == Code.NODEEXISTS && !slot.exists;
        if (!missing && !unknown) {
            return false;
        }
        slot.exists = unknown;
        send(new Batch(batch.writes(), slot, true));
        return true;
    }

    /**
     * A transaction has ended and is not in doubt. One that was refused because of one write is tried again without it, since it had no effect, and
     * without those that would be refused for the same reason.
     *
     * @return what to tell
     */
    Runnable ended(Batch batch, WriteResult written) {
        List<PendingWrite> writes = batch.writes();
        noLongerUnderWay();
        int culprit =
                written instanceof WriteResult.Rejected rejected ? PendingWrite.owner(writes, rejected.index()) : -1;
        if (culprit < 0) {
            List<Runnable> futile = written instanceof WriteResult.Applied ? refuse(Obstacle.made(writes)) : List.of();
            dispatch();
            return () -> {
                List<Runnable> told = new ArrayList<>(futile);
                told.add(0, () -> batch.answer().accept(written));
                Answers.give(told);
            };
        }
        List<PendingWrite> others = new ArrayList<>(writes);
        PendingWrite refused = others.remove(culprit);
        WriteResult.Rejected rejected = (WriteResult.Rejected) written;
        int index =
                rejected.index() - PendingWrite.ops(writes.subList(0, culprit)).size();
        queue.addAgain(others);
        Obstacle obstacle = Obstacle.of(refused.ops().get(index), rejected.code());
        List<Runnable> futile = obstacle == null ? List.of() : refuse(List.of(obstacle));
        if (!others.isEmpty() && futile.isEmpty()) {
            // If one was refused, others may be too.
            queue.limit(writes.size() / 2);
        }
        dispatch();
        List<Runnable> told = new ArrayList<>(futile);
        told.add(0, () -> refused.answer().accept(new WriteResult.Rejected(index, rejected.code())));
        return () -> Answers.give(told);
    }

    /** Takes out what waits and would be refused because of one of these; returns what is to be told. */
    private List<Runnable> refuse(List<Obstacle> obstacles) {
        List<Runnable> told = new ArrayList<>();
        for (Obstacle obstacle : obstacles) {
            for (PendingWrite write : queue.remove(one -> obstacle.refuses(one.ops()) >= 0)) {
                int index = obstacle.refuses(write.ops());
                told.add(() -> write.answer().accept(new WriteResult.Rejected(index, obstacle.code())));
            }
        }
        return told;
    }

    /** A transaction has ended, and what became of it will be told later. */
    void doubtful(Batch batch) {
        noLongerUnderWay();
        if (batch.writes().size() > 1) {
            lost = Math.max(lost, RequestSize.bytes(PendingWrite.ops(batch.writes())));
        }
    }

    /** The connection is lost: what waits was never sent. */
    Runnable close(Code cause) {
        limit.broke(lost);
        List<PendingWrite> unsent = new ArrayList<>(alone);
        unsent.addAll(queue.drain());
        alone.clear();
        List<Runnable> told = new ArrayList<>();
        unsent.forEach(write -> told.add(() -> write.answer().accept(new WriteResult.NotApplied(cause, false))));
        return () -> Answers.give(told);
    }
}
