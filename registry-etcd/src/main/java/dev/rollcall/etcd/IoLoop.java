package dev.rollcall.etcd;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a handle that talks to etcd. Everything that changes with the connection is confined to it: members, watches, leases and what is sent,
 * so none of that needs a lock. Neither blocking calls nor code of the application run on it.
 */
final class IoLoop {
    private static final Logger LOG = LoggerFactory.getLogger(IoLoop.class);
    private static final AtomicLong LOOPS = new AtomicLong();

    private final EventLoopGroup group;
    /** Is told of tasks that have failed. Set before there are any. */
    private volatile Consumer<Throwable> crashed = cause -> {};

    private volatile boolean closed;

    IoLoop() {
        this(named("rollcall-etcd-io-" + LOOPS.incrementAndGet()));
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(null, task, name, 0, false);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** @param threads makes the thread when it is needed */
    IoLoop(ThreadFactory threads) {
        this.group = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
    }

    /** What channels run on. */
    EventLoopGroup group() {
        return group;
    }

    /**
     * Says what is to be done about failures, which are faults of the backend, or want of memory: what a task has left undone must not leave a handle
     * silent.
     *
     * @param task is told, on the thread, why a task has failed
     * @param thread runs, on some other thread, if this one has died before {@link #close()}: no task runs any more, and none is accepted
     */
    void onCrash(Consumer<Throwable> task, Runnable thread) {
        crashed = task;
        group.terminationFuture().addListener(ended -> {
            if (!closed) {
                LOG.error("The I/O thread of a handle on etcd has died, so the handle ends.", ended.cause());
                thread.run();
            }
        });
    }

    /** Runs {@code task} on the thread, soon; false if the loop has been closed, and the task never runs. */
    boolean execute(Runnable task) {
        try {
            group.execute(() -> run(task));
            return true;
        } catch (RejectedExecutionException e) {
            // The handle is closed, and whoever waited for this has been told so.
            LOG.trace("Dropped a task of a closed handle.", e);
            return false;
        }
    }

    /** Runs {@code task} on the thread after {@code delay}, unless what this returns is called before. */
    Runnable schedule(Duration delay, Runnable task) {
        try {
            Future<?> scheduled = group.schedule(() -> run(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException e) {
            LOG.trace("Dropped a timer of a closed handle.", e);
            return () -> {};
        }
    }

    /** Lets the thread end once it has done what it was given. Does not wait. */
    void close() {
        closed = true;
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** Runs {@code task} now, on the thread itself, and lets none of its faults through. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A task of the etcd backend failed; this is a fault of the backend.", e);
            recover(e);
        }
    }

    private void recover(Throwable cause) {
        try {
            crashed.accept(cause);
        } catch (RuntimeException | Error e) {
            LOG.error("What a failed task of the etcd backend has left undone could not be begun anew.", e);
        }
    }
}
