package dev.rollcall.guice;

import com.google.inject.Inject;
import com.google.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that the {@link RegistryModule}s of one injector have opened. The host closes it when the application ends, after what uses the stores and before
 * the process exits:
 *
 * <pre>{@code
 * try (RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class)) {
 *     injector.getInstance(Application.class).run();
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
/*
 * Concurrency: opened and closed are guarded by lock, under which nothing is opened or closed.
 */
@Singleton
public final class RegistryLifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryLifecycle.class);

    private final List<StoreHealth> stores;
    private final Object lock = new Object();
    private final Deque<Opened> opened = new ArrayDeque<>();
    private boolean closed;

    private record Opened(Resource<?> resource, AutoCloseable what) {}

    @Inject
    RegistryLifecycle(Set<StoreHealth> stores) {
        this.stores = List.copyOf(stores);
    }

    /** How each store does, in the order in which the modules were installed; also of those that have not been opened. */
    public List<StoreHealth> health() {
        return stores;
    }

    boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    void checkOpen(Resource<?> resource) {
        synchronized (lock) {
            if (closed) {
                throw closedAlready(resource);
            }
        }
    }

    /** Takes what was opened, to close it in the end; closes it at once if this has been closed meanwhile. */
    void adopt(Resource<?> resource, AutoCloseable what) {
        boolean late;
        synchronized (lock) {
            late = closed;
            if (!late) {
                opened.push(new Opened(resource, what));
            }
        }
        if (late) {
            close(new Opened(resource, what), null);
            throw closedAlready(resource);
        }
        LOG.debug("Opened {}.", resource.label());
    }

    private static IllegalStateException closedAlready(Resource<?> resource) {
        return new IllegalStateException("The application's stores have been closed, and " + resource.label()
                + " cannot be opened any more; ask for it before RegistryLifecycle.close().");
    }

    /**
     * Closes views, registries and stores, each before what it was opened on, the last opened first. Nothing is opened for it, and one that fails to close
     * does not keep the others open. Waits for registries and stores as their own {@code close()} does. Has no effect when called again; a second call does
     * not wait for the first.
     *
     * @throws RuntimeException the first failure, with the others suppressed, once everything else is closed
     */
    @Override
    public void close() {
        Deque<Opened> closing;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            closing = new ArrayDeque<>(opened);
            opened.clear();
        }
        Throwable failure = null;
        for (Opened each : closing) {
            failure = close(each, failure);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw failure instanceof RuntimeException unchecked
                    ? unchecked
                    : new IllegalStateException("What the application had opened could not be closed.", failure);
        }
    }

    /** Closes one and gives back what has gone wrong so far. */
    private static @Nullable Throwable close(Opened each, @Nullable Throwable before) {
        try {
            each.what().close();
            LOG.debug("Closed {}.", each.resource().label());
            return before;
        } catch (Throwable e) {
            LOG.warn(
                    "Could not close {}; the others are closed all the same.",
                    each.resource().label(),
                    e);
            if (before == null) {
                return e;
            }
            if (before != e) {
                before.addSuppressed(e);
            }
            return before;
        }
    }
}
