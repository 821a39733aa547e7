package dev.rollcall.guice;

import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Provider;
import com.google.inject.ProvisionException;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvBackend;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The health of a store, for health checks: always the present state. Never blocks, and opens the store only in {@link #isReady()}. Bound with the
 * annotation of its store, and all of them together in {@link RegistryLifecycle#health()}. If the application's {@link KvBackend} is overridden, this is
 * about the other one, from when a registry is opened on it or {@code isReady()} is asked. Safe for use by several threads.
 */
/* Concurrency: used is written by whoever opens a registry, and read by everyone. */
public final class StoreHealth {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.incrementAndGet();
    private final String store;
    private final Resource<KvBackend> backend;
    private final Provider<KvBackend> bound;
    private volatile @Nullable KvBackend used;

    /** @param bound whatever the application has bound as its backend, which may be another than {@code backend} */
    StoreHealth(String store, Resource<KvBackend> backend, Provider<KvBackend> bound) {
        this.store = store;
        this.backend = backend;
        this.bound = bound;
    }

    @Inject
    void knownTo(RegistryLifecycle lifecycle, Injector injector) {
        lifecycle.know(this, injector);
    }

    /** Later modules have greater ones. */
    long number() {
        return number;
    }

    /** Says which backend registries are really opened on; another than the module's own if its binding is overridden. */
    KvBackend use(KvBackend handedOut) {
        used = handedOut;
        return handedOut;
    }

    /** The store's name in this application, {@code default} if it was given none. */
    public String store() {
        return store;
    }

    /** Whether the store answers. False as long as it has not been opened, as nobody knows then. */
    public boolean isConnected() {
        return status().map(status -> status.state() == ConnectionState.CONNECTED)
                .orElse(false);
    }

    /**
     * Whether the store answers, for a readiness probe: opens the store if nobody has done so yet, without waiting for it, as it could never become ready if
     * traffic is what opens it, and traffic waits for the probe. False, and {@link #lastError()} says why, if it cannot be opened; false at the first call for
     * a store that takes a moment to connect.
     */
    public boolean isReady() {
        if (status().isEmpty()) {
            try {
                use(bound.get());
            } catch (ProvisionException | IllegalStateException | LinkageError e) {
                // Kept by the resource, as the last error.
                return false;
            }
        }
        return isConnected();
    }

    /** Since when that is so, by the wall clock; empty if the store has not been opened. */
    public Optional<Instant> since() {
        return status().map(ConnectionStatus::since);
    }

    /** What last went wrong with the connection, or why the store could not be opened; stays when the connection is back. Empty if nothing has. */
    public Optional<Throwable> lastError() {
        ConnectionStatus status = status().orElse(null);
        @Nullable Throwable error = status == null ? backend.failure() : status.lastFailure();
        return Optional.ofNullable(error);
    }

    /** The state of the connection in full, or empty if the store has not been opened. */
    public Optional<ConnectionStatus> status() {
        KvBackend handedOut = used;
        KvBackend opened = handedOut == null ? backend.opened() : handedOut;
        return opened == null ? Optional.empty() : Optional.of(opened.connection());
    }

    /** All of this in a line. */
    @Override
    public String toString() {
        String state = status().map(status -> status.state() + " since " + status.since())
                .orElse("not opened");
        String error =
                lastError().map(last -> ", last error: " + last.getMessage()).orElse("");
        return store + ": " + state + error;
    }
}
