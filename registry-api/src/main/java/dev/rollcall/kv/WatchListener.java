package dev.rollcall.kv;

import org.jspecify.annotations.Nullable;

/**
 * Receives what a watch delivers: {@code onSignal* onEnd}.
 *
 * <p>Calls of one watch never overlap, and each happens-before the next. They come on a thread of the backend's for user code, never on
 * one that it does I/O with, and without any lock held: a listener may take its time, block, or call the backend, {@link Watch#close()}
 * and {@link KvBackend#close()} included. While it runs, its watch merges what it still owes, at most one change for each distinct key;
 * other watches are not delayed. A listener that throws is reported to the log and goes on with the next signal.
 */
public interface WatchListener {
    /** A signal has come. */
    void onSignal(WatchSignal signal);

    /**
     * The store has gone back in time, say because it was restored from a backup, or has become another one: what was signalled so far is
     * not its past. The next signal is a {@link Snapshot}, whose revision may be smaller than any before, and from there revisions count
     * anew. Only a watch that starts from a snapshot is told so; others end. Does nothing unless overridden.
     */
    default void onRewound() {}

    /**
     * The watch has ended; called exactly once, after the last signal.
     *
     * @param cause null if the watch was closed by its owner; otherwise why it could not go on, {@link BackendClosedException} if its
     *     backend was closed
     */
    void onEnd(@Nullable KvException cause);
}
