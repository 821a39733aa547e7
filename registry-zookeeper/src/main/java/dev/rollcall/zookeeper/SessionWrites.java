package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import dev.rollcall.zookeeper.Receipts.Slot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one session that leave a receipt, over all its connections. Each connection has a queue of its own. A write whose reply was lost with its
 * connection is in doubt, and settled after the next one: a barrier in the same session makes sure that no earlier request can still be applied, and then the
 * write's receipt shows whether it was.
 */
final class SessionWrites {
    private static final Duration PAUSE_BEFORE_SETTLING = Duration.ofMillis(100);

    /*
     * Concurrency: the session's lock guards every field below it; methods that say so are called with it held, and what they return is run without it. A slot
     * in doubts belongs to the list until it is settled.
     */
    private final ZooKeeperConfig config;
    private final TimeSource time;
    private final SessionState session;
    private final BatchLimit limit;
    private final ReentrantLock lock;
    /** That of the present connection, or of the last one if the session is about to end. */
    private @Nullable WriteQueue queue;

    private @Nullable Receipts receiptSlots;
    private @Nullable FreshReads fresh;
    private Doubts doubts = new Doubts();

    /** @param session only read here */
    SessionWrites(ZooKeeperConfig config, TimeSource time, SessionState session) {
        this.config = config;
        this.time = time;
        this.session = session;
        this.lock = session.lock;
        this.limit = new BatchLimit(time::nanoTime);
    }

    /** A connection has begun: queues what is added from now on, and settles what is in doubt. Called with the lock held. */
    Runnable connected(Transport transport, FreshReads reads) {
        fresh = reads;
        if (receiptSlots == null) {
            receiptSlots = new Receipts(
                    config.layout().own(),
                    transport.sessionId(),
                    config.access().own());
        }
        Runnable unsent = disconnected(Code.CONNECTIONLOSS);
        queue = new WriteQueue(transport, receiptSlots, limit, config.batching(), this::written);
        settle();
        return unsent;
    }

    /** Sends a write as soon as it is its turn. Called with the lock held, while there is a connection. */
    void add(PendingWrite write) {
        SessionState.present(queue).add(write);
    }

    /** The connection is gone: what waits was never sent. Called with the lock held. */
    Runnable disconnected(Code cause) {
        WriteQueue closing = queue;
        queue = null;
        return closing == null ? () -> {} : closing.close(cause);
    }

    /** The session has ended: what waits was never sent, and nobody will learn what became of the writes in doubt. Called with the lock held. */
    Runnable ended(Code cause) {
        Doubts unsettled = doubts;
        doubts = new Doubts();
        Runnable unsent = disconnected(cause);
        return () -> Answers.give(List.of(unsent, () -> unsettled.giveUp(cause)));
    }

    private void written(WriteQueue from, WriteQueue.Batch batch, Reply reply) {
        WriteResult written = WriteResult.of(reply);
        Runnable answers;
        lock.lock();
        try {
            Slot slot = batch.slot();
            if (written instanceof WriteResult.Unknown && !session.ended) {
                doubts.add(slot, batch.answer());
                from.doubtful(batch);
                return;
            }
            if (session.connected && queue == from && from.mend(batch, written)) {
                return;
            }
            slot.exists |= written instanceof WriteResult.Applied;
            SessionState.present(receiptSlots).release(slot);
            answers = from.ended(batch, written);
        } finally {
            lock.unlock();
        }
        answers.run();
    }

    /**
     * At the start of a connection, and again if the server was too busy. Whatever an earlier connection had on its way is refused by the leader once it has seen
     * the barrier, because the session has moved; so the receipts are final.
     */
    private void settle() {
        lock.lock();
        try {
            Doubts open = doubts;
            if (session.connected && !open.isEmpty()) {
                doubts = new Doubts();
                SessionState.present(fresh).read(open.reads(), reply -> settled(open, reply));
            }
        } finally {
            lock.unlock();
        }
    }

    private void settled(Doubts open, Reply reply) {
        Runnable told;
        lock.lock();
        try {
            if (!reply.isOk() && !session.ended) {
                // Lost again: the next connection brings the next chance. Where there is still this one, the server is
                // just too busy.
                doubts.addAll(open);
                if (reply.code() != Code.CONNECTIONLOSS) {
                    time.schedule(PAUSE_BEFORE_SETTLING, this::settle);
                }
                return;
            }
            told = open.settle(reply, SessionState.present(receiptSlots));
            if (session.connected && queue != null) {
                queue.dispatch();
            }
        } finally {
            lock.unlock();
        }
        told.run();
    }
}
