package dev.rollcall.etcd;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.SystemTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** The system's time, which a test moves on, or has fail where the backend asks for it on its own thread. */
final class FaultyTime implements TimeSource, AutoCloseable {
    private final SystemTime system = new SystemTime("faulty-time");
    private final AtomicLong aheadNanos = new AtomicLong();
    private final AtomicBoolean failing = new AtomicBoolean();

    /** Moves the clock on; what was scheduled stays where it was. */
    void jump(Duration ahead) {
        aheadNanos.addAndGet(ahead.toNanos());
    }

    /** The next time that an I/O thread asks what time it is, it gets an error. */
    void failOnce() {
        failing.set(true);
    }

    @Override
    public long nanoTime() {
        if (Thread.currentThread().getName().startsWith("rollcall-etcd-io-") && failing.compareAndSet(true, false)) {
            throw new OutOfMemoryError("made up by a test");
        }
        return system.nanoTime() + aheadNanos.get();
    }

    @Override
    public Instant instant() {
        return system.instant();
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        return system.schedule(delay, task);
    }

    @Override
    public void close() {
        system.close();
    }
}
