package dev.rollcall.examples.scheduler;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at how things are whenever it is woken, and from time to time all the same: what failed because the store was away is then tried again. The looks come
 * one after another on a thread of its own.
 */
final class Beat implements AutoCloseable {
    private static final long PERIOD_MILLIS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(Beat.class);

    private final String name;
    private final ScheduledExecutorService thread;
    private final Runnable look;
    private final AtomicBoolean woken = new AtomicBoolean();

    Beat(String name, Runnable look) {
        this.name = name;
        this.look = look;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> daemon(name, task));
        thread.scheduleWithFixedDelay(this::wake, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    static Thread daemon(String name, Runnable task) {
        Thread made = new Thread(task, name);
        made.setDaemon(true);
        return made;
    }

    void wake() {
        if (woken.compareAndSet(false, true)) {
            try {
                thread.execute(() -> {
                    woken.set(false);
                    try {
                        look.run();
                    } catch (RuntimeException | Error e) {
                        // The next look tries again; nobody else would hear of it.
                        LOG.warn("{} could not do its work; it will look again.", name, e);
                    }
                });
            } catch (RejectedExecutionException closed) {
                // Nobody looks any more.
                woken.set(false);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
