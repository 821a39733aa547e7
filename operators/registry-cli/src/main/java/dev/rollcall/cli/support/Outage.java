package dev.rollcall.cli.support;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Subscription;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells a person who watches, on standard error and once for each outage, that the store is out of reach and why. */
/* Concurrency: told is confined to the thread that calls the listener, one at a time; the first look is under the same lock. */
public final class Outage implements AutoCloseable {
    private final KvBackend backend;
    private final PrintWriter err;
    private final Subscription subscription;
    private boolean told;

    public Outage(KvBackend backend, PrintWriter err) {
        this.backend = backend;
        this.err = err;
        this.subscription = backend.onConnection(this::look);
        look(backend.connection());
    }

    private synchronized void look(ConnectionStatus status) {
        if (status.state() == ConnectionState.CONNECTED) {
            told = false;
        }
        KvException failure = status.lastFailure();
        boolean away = status.state() == ConnectionState.CONNECTING || status.state() == ConnectionState.DISCONNECTED;
        if (away && failure != null && !told) {
            told = true;
            err.println("rollcall: The store is out of reach, and this waits for it: " + PlainText.sentence(failure));
            err.flush();
        }
    }

    /** Waits until {@code done}, or for {@code time} if that is not null; gives the exit code: what is shown is not the whole while the store is away. */
    public int await(CountDownLatch done, @Nullable Duration time) throws InterruptedException {
        if (time == null) {
            done.await();
            return ExitCode.OK;
        }
        if (done.await(time.toNanos(), TimeUnit.NANOSECONDS)
                || backend.connection().state() == ConnectionState.CONNECTED) {
            return ExitCode.OK;
        }
        synchronized (this) {
            if (!told) {
                // One line is enough, also if the reason comes now.
                told = true;
                err.println("rollcall: The store " + backend.name() + " has not answered.");
                err.flush();
            }
        }
        return ExitCode.UNAVAILABLE;
    }

    @Override
    public void close() {
        subscription.close();
    }
}
