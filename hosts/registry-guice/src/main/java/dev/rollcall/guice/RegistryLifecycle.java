package dev.rollcall.guice;

import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Singleton;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that the {@link RegistryModule}s of an injector, of its private modules and of its child injectors have opened. The host closes it when the
 * application ends, after the code that uses the stores and before the process exits:
 *
 * <pre>{@code
 * try (RegistryLifecycle lifecycle = RegistryLifecycle.create()) {
 *     Injector injector = Guice.createInjector(lifecycle.module(), RegistryModule.of("etcd://localhost:2379/app"), …);
 *     injector.getInstance(Application.class).run();
 * }
 * }</pre>
 *
 * <p>So it is there before the injector, and closes what was opened also where the injector cannot be created: since something else in it fails after a
 * store was opened. Without {@link #module()} there is one of the injector's own, {@code injector.getInstance(RegistryLifecycle.class)}, which nobody can
 * reach if there is no injector. An injector that {@linkplain com.google.inject.Binder#requireExplicitBindings() demands explicit bindings} needs the module.
 *
 * <p>Safe for use by several threads.
 */
/*
 * Concurrency: stores, opened, failed and closed are guarded by lock, under which nothing is opened or closed.
 */
@Singleton
public final class RegistryLifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryLifecycle.class);

    private final Object lock = new Object();
    /** By when their modules were installed. */
    private final SortedMap<Long, Known> stores = new TreeMap<>();

    private final Deque<Opened> opened = new ArrayDeque<>();
    /** The injectors that could not be created. */
    private final Set<Injector> failed = Collections.newSetFromMap(new WeakHashMap<>());

    private boolean closed;

    private record Known(StoreHealth store, Injector injector) {}

    private record Opened(Resource<?> resource, AutoCloseable what) {}

    /** The injector's own, where the host has brought none; in the outermost injector, whose children share it. */
    @Inject
    RegistryLifecycle() {}

    /** A lifecycle for an injector that is still to be created, with {@link #module()}. */
    public static RegistryLifecycle create() {
        return new RegistryLifecycle();
    }

    /** What makes this the lifecycle of an injector; installed once, in the outermost, beside the {@link RegistryModule}s or before them. */
    public Module module() {
        return binder -> binder.bind(RegistryLifecycle.class).toInstance(this);
    }

    /** How each store does, in the order in which the modules were installed; also of those that have not been opened. */
    public List<StoreHealth> health() {
        synchronized (lock) {
            return stores.values().stream().map(Known::store).toList();
        }
    }

    /** Takes a store of this injector into {@link #health()}, unless the injector could not be created. */
    void know(StoreHealth store, Injector injector) {
        synchronized (lock) {
            if (!failed.contains(injector)) {
                stores.put(store.number(), new Known(store, injector));
            }
        }
    }

    /** Whether nothing is opened any more for an injector: at the end, or since it could not be created. */
    boolean isClosedFor(Injector injector) {
        synchronized (lock) {
            return closed || failed.contains(injector);
        }
    }

    void checkOpen(Resource<?> resource) {
        if (isClosedFor(resource.injector())) {
            throw closedAlready(resource);
        }
    }

    /** Takes what was opened, to close it in the end; closes it at once if that has come meanwhile. */
    void adopt(Resource<?> resource, AutoCloseable what) {
        boolean late;
        synchronized (lock) {
            late = closed || failed.contains(resource.injector());
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
        closeAll(closing);
    }

    /** Closes what was opened for an injector that cannot be created, and opens no more for it. Those around it are in use, perhaps, and stay. */
    void abandon(Injector injector) {
        List<Opened> closing;
        synchronized (lock) {
            failed.add(injector);
            stores.values().removeIf(known -> known.injector() == injector);
            closing = opened.stream()
                    .filter(each -> each.resource().injector() == injector)
                    .toList();
            opened.removeAll(closing);
        }
        closeAll(closing);
    }

    private static void closeAll(Iterable<Opened> closing) {
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
