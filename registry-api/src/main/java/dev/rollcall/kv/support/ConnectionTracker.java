package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The state of a handle's connection and those who want to know it. Each listener is told the present status first and {@link
 * ConnectionState#CLOSED} last, one call at a time; while it is busy, later states replace each other. It is told of a lost connection once for each
 * reason, however many attempts fail for it; {@link #status()} has the last failure.
 */
public final class ConnectionTracker {
    /*
     * Concurrency: status is written under this object's monitor, by to() only, and read without it. listeners is safe by
     * itself; whoever is added to it afterwards reads status, so a change is seen by the one or by the other.
     */
    private final TimeSource time;
    private final Executor callbacks;
    private final List<Told> listeners = new CopyOnWriteArrayList<>();
    private volatile ConnectionStatus status;

    /** A connection that begins as {@link ConnectionState#CONNECTING}. */
    public ConnectionTracker(TimeSource time, Executor callbacks) {
        this.time = requireNonNull(time, "time");
        this.callbacks = requireNonNull(callbacks, "callbacks");
        this.status = new ConnectionStatus(ConnectionState.CONNECTING, time.instant(), null);
    }

    /** The present status. */
    public ConnectionStatus status() {
        return status;
    }

    /** Tells {@code listener} the present status and those that follow, until it is unsubscribed or was told the last. */
    public Subscription subscribe(ConnectionListener listener) {
        Told told = new Told(requireNonNull(listener, "listener"));
        listeners.add(told);
        told.task.wake();
        return told;
    }

    /** The store answers. */
    public void connected() {
        to(ConnectionState.CONNECTED, null);
    }

    /** The store cannot be reached any more, or still not; a handle that was never connected goes on connecting. */
    public void disconnected(KvException failure) {
        to(ConnectionState.DISCONNECTED, failure);
    }

    /** The handle was closed; nothing follows. */
    public void closed() {
        to(ConnectionState.CLOSED, null);
    }

    private void to(ConnectionState next, @Nullable KvException failure) {
        synchronized (this) {
            ConnectionStatus before = status;
            boolean never = before.state() == ConnectionState.CONNECTING && next == ConnectionState.DISCONNECTED;
            ConnectionState state = never ? ConnectionState.CONNECTING : next;
            if (before.state() == ConnectionState.CLOSED || (before.state() == state && failure == null)) {
                return;
            }
            status = new ConnectionStatus(
                    state,
                    before.state() == state ? before.since() : time.instant(),
                    failure == null ? before.lastFailure() : failure);
        }
        listeners.forEach(told -> told.task.wake());
    }

    /** One listener, and what it was told last. */
    private final class Told implements Subscription {
        private final ConnectionListener listener;
        private final SerialTask task = new SerialTask(callbacks, this::tell);
        private volatile boolean closed;
        /** Confined to the task. */
        private @Nullable ConnectionStatus last;

        Told(ConnectionListener listener) {
            this.listener = listener;
        }

        private void tell() {
            ConnectionStatus now = status;
            ConnectionStatus before = last;
            if (closed || (before != null && !isNews(before, now))) {
                return;
            }
            last = now;
            UserCode.run("connection listener", now.state(), () -> listener.onConnection(now));
            if (now.state() == ConnectionState.CLOSED) {
                close();
            }
        }

        /** A further failure for the same reason, as that of each attempt to connect, is none; another reason is. */
        private static boolean isNews(ConnectionStatus before, ConnectionStatus now) {
            return before.state() != now.state()
                    || !before.since().equals(now.since())
                    || !Objects.equals(reason(before), reason(now));
        }

        private static @Nullable String reason(ConnectionStatus status) {
            KvException failure = status.lastFailure();
            return failure == null ? null : failure.toString();
        }

        @Override
        public void close() {
            closed = true;
            listeners.remove(this);
        }
    }
}
