package dev.rollcall.registry;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.Backoff;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The watch of a view, which is started again whenever it ends, from a snapshot. A watch ends where access is denied, and that may pass: a
 * certificate is renewed, a permission given back. Only the end of the backend is final.
 */
/*
 * Concurrency: everything that changes is guarded by this, under which the backend is not called: its listeners may be called on the calling
 * thread.
 */
final class ViewWatch implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** What a view is told, one call at a time. */
    interface Listener {
        void onSignal(WatchSignal signal);

        /** The watch has ended and will be started again. */
        void onInterrupted(KvException cause);

        /** The backend was closed. */
        void onEnd(KvException cause);
    }

    private final Surroundings surroundings;
    private final Listener listener;
    private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom());
    private @Nullable Watch watch;
    private @Nullable Subscription timer;
    private boolean closed;

    ViewWatch(Surroundings surroundings, Listener listener) {
        this.surroundings = surroundings;
        this.listener = listener;
    }

    void start() {
        Follower follower = new Follower();
        Watch started = surroundings.backend().watch(surroundings.keys().root(), WatchStart.snapshot(), follower);
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late && !follower.ended) {
                watch = started;
            }
        }
        if (late) {
            started.close();
        }
    }

    private final class Follower implements WatchListener {
        /** Guarded by the watch. */
        private boolean ended;

        @Override
        public void onSignal(WatchSignal signal) {
            synchronized (ViewWatch.this) {
                backoff.reset();
            }
            listener.onSignal(signal);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            synchronized (ViewWatch.this) {
                ended = true;
                watch = null;
                if (closed || cause == null) {
                    return;
                }
            }
            if (cause instanceof BackendClosedException) {
                listener.onEnd(cause);
            } else {
                listener.onInterrupted(cause);
                again();
            }
        }
    }

    private synchronized void again() {
        if (!closed) {
            timer = surroundings
                    .time()
                    .schedule(backoff.next(), () -> surroundings.callbacks().execute(this::restart));
        }
    }

    private void restart() {
        synchronized (this) {
            if (closed) {
                return;
            }
            timer = null;
        }
        try {
            start();
        } catch (KvException e) {
            if (e instanceof BackendClosedException) {
                listener.onEnd(e);
            } else {
                again();
            }
        } catch (IllegalStateException e) {
            // A backend that was closed may say so at once.
            again();
        }
    }

    @Override
    public void close() {
        Watch running;
        synchronized (this) {
            closed = true;
            running = watch;
            if (timer != null) {
                timer.close();
            }
        }
        if (running != null) {
            running.close();
        }
    }
}
