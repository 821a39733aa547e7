package dev.rollcall.zookeeper;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what one session has asked for at a time, whoever asks: lists, watches that begin or catch up, reads of single keys, reads before writes. A server
 * holds each reply in its heap until it is sent, and nobody knows how large a value is before it is read, so each node counts for what {@link NodeSizes} says.
 * What does not fit waits for its turn, in order.
 */
final class ReadGate {
    /* Concurrency: lock guards the fields below it; reads are sent and answered without it. */
    private final NodeSizes sizes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Read> waiting = new ArrayDeque<>();
    private long underWay;
    /** Whether a thread lets in what waits. If reads are answered at once, since the session has ended, that is not done from within. */
    private boolean admitting;

    /** @param sizes learns from what is read */
    ReadGate(NodeSizes sizes) {
        this.sizes = sizes;
    }

    /** @param send sends it, to be answered as given; the answer may come at once */
    private record Read(List<String> paths, long bytes, Consumer<Reply> answer, Consumer<Consumer<Reply>> send) {}

    /** Sends a read of these nodes, at once or when there is room for its reply. One that is larger than all the room is sent when nothing else is under way. */
    void enter(List<String> paths, Consumer<Reply> answer, Consumer<Consumer<Reply>> send) {
        Read read = new Read(paths, sizes.bytes(paths), answer, send);
        lock.lock();
        try {
            if (!waiting.isEmpty() || !hasRoom(read)) {
                waiting.add(read);
                return;
            }
            underWay += read.bytes;
        } finally {
            lock.unlock();
        }
        start(read);
    }

    /** Called with the lock held. */
    private boolean hasRoom(Read read) {
        return underWay == 0 || underWay + read.bytes <= NodeSizes.MOST_BYTES;
    }

    private void start(Read read) {
        read.send.accept(reply -> answered(read, reply));
    }

    private void answered(Read read, Reply reply) {
        sizes.learn(read.paths, reply.results());
        lock.lock();
        try {
            underWay -= read.bytes;
        } finally {
            lock.unlock();
        }
        try {
            read.answer.accept(reply);
        } finally {
            admit();
        }
    }

    private void admit() {
        if (!begin()) {
            return;
        }
        boolean finished = false;
        try {
            for (Read next = next(); next != null; next = next()) {
                start(next);
            }
            finished = true;
        } finally {
            if (!finished) {
                stop();
            }
        }
    }

    private boolean begin() {
        lock.lock();
        try {
            if (admitting || waiting.isEmpty()) {
                return false;
            }
            admitting = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void stop() {
        lock.lock();
        try {
            admitting = false;
        } finally {
            lock.unlock();
        }
    }

    /** The next that there is room for; whoever gets none has ended admitting, so that room which appears from then on is noticed by whoever makes it. */
    private @Nullable Read next() {
        lock.lock();
        try {
            Read next = waiting.peek();
            if (next == null || !hasRoom(next)) {
                admitting = false;
                return null;
            }
            underWay += next.bytes;
            return waiting.remove();
        } finally {
            lock.unlock();
        }
    }
}
