package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.TimeSource;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one handle that are not its client library's: those for code of the application, and its timer. All are daemons, named
 * {@code rollcall-<backend>-<n>-callback-<k>} and {@code rollcall-<backend>-<n>-timer}, start when they are needed and end some seconds
 * after they are not.
 */
public final class HandleThreads implements AutoCloseable {
    private static final AtomicLong HANDLES = new AtomicLong();

    private final CallbackThreads callbacks;
    private final TimeSource time;
    private final @Nullable SystemTime own;

    private HandleThreads(String prefix, @Nullable TimeSource given) {
        this.callbacks = new CallbackThreads(prefix);
        this.own = given == null ? new SystemTime(prefix + "-timer") : null;
        this.time = own == null ? requireNonNull(given) : own;
    }

    /** Threads for a handle on a backend of this kind, such as {@code etcd}, with a timer of their own. */
    public static HandleThreads open(String backend) {
        return new HandleThreads(prefix(backend), null);
    }

    /** Threads for a handle on a backend of this kind that goes by {@code time}, which stays open when this is closed. */
    public static HandleThreads open(String backend, TimeSource time) {
        return new HandleThreads(prefix(backend), requireNonNull(time, "time"));
    }

    private static String prefix(String backend) {
        return "rollcall-" + requireNonNull(backend, "backend") + "-" + HANDLES.incrementAndGet();
    }

    /**
     * Runs code of the application: a few threads, and more only while that code blocks. Never refuses a task and never runs it in the
     * calling thread, also after {@link #close()}.
     */
    public Executor callbacks() {
        return callbacks;
    }

    /** The clock and the timer; tasks that are due after {@link #close()} are dropped if the timer is this handle's own. */
    public TimeSource time() {
        return time;
    }

    /** Lets every thread end as soon as it has finished what it was given. Does not wait; has no effect when called again. */
    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
        callbacks.close();
    }
}
