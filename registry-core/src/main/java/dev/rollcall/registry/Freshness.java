package dev.rollcall.registry;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Printable;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a view is stale, and why. It is not stale if it has been filled, its watch runs, the store is connected, and it has caught up with everything
 * that was written while one of these was not so.
 */
/*
 * Concurrency: written under the lock of its view only; stale and lastFailure are read by anyone.
 */
final class Freshness {
    private static final Logger LOG = LoggerFactory.getLogger(NodeView.class);

    private final RegistryContext registryContext;
    private final String kind;
    private volatile @Nullable Stale stale;
    private volatile @Nullable KvException lastFailure;
    private boolean watching;

    /** {@code outage} tells one that has lasted since the same moment, but through another outage, from this one. */
    record Stale(Instant since, long nanos, int outage) {}

    Freshness(RegistryContext registryContext, String kind) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.stale = staleFrom(registryContext.time().instant());
    }

    private Stale staleFrom(Instant since) {
        return new Stale(since, registryContext.time().nanoTime(), 0);
    }

    @Nullable
    Stale stale() {
        return stale;
    }

    Duration age() {
        Stale now = stale;
        return now == null
                ? Duration.ZERO
                : Duration.ofNanos(Math.max(0, registryContext.time().nanoTime() - now.nanos()));
    }

    @Nullable
    KvException lastFailure() {
        KvException last = lastFailure;
        // A connection that has never been made changes no state, so nobody is told why.
        return last == null && stale != null
                ? registryContext.backend().connection().lastFailure()
                : last;
    }

    /** The last failure, to be put behind what is waited for. */
    String why() {
        KvException last = lastFailure();
        String message = last == null ? null : last.getMessage();
        return message == null
                ? ""
                : ": " + (message.endsWith(".") ? message.substring(0, message.length() - 1) : message);
    }

    /** Something that the view needs has failed. */
    void fail(Instant since, @Nullable KvException cause, boolean ofWatch) {
        Stale before = stale;
        stale = before == null ? staleFrom(since) : new Stale(before.since(), before.nanos(), before.outage() + 1);
        if (ofWatch) {
            watching = false;
        }
        if (cause != null) {
            lastFailure = cause;
        }
        if (before == null) {
            LOG.info(
                    "The view of '{}' does not follow the store any more: {}",
                    Printable.line(kind),
                    cause == null ? "the connection is lost." : cause.getMessage());
        }
    }

    /** The watch has brought the whole state. */
    void filled() {
        watching = true;
        if (isConnected()) {
            follows();
        }
    }

    /** Everything has come that was written before {@code behind} ended. */
    void caughtUp(Stale behind) {
        if (watching && behind.equals(stale) && isConnected()) {
            follows();
        }
    }

    private boolean isConnected() {
        return registryContext.backend().connection().state() == ConnectionState.CONNECTED;
    }

    private void follows() {
        Stale before = stale;
        if (before != null) {
            LOG.info("The view of '{}' follows the store, after {} ms.", Printable.line(kind), age().toMillis());
            stale = null;
        }
    }

    void connectionLost(ConnectionStatus status) {
        fail(status.since(), status.lastFailure(), false);
    }
}
