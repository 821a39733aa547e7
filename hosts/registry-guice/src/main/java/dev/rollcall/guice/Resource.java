package dev.rollcall.guice;

import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Provider;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something bound that is opened when it is first asked for, once, and closed by the {@link RegistryLifecycle}. */
/*
 * Concurrency: value is written under lock and read by everyone; failure likewise. The lock is held while opening, which never blocks on a store: as Guice does
 * with its singletons, and with one lock for each binding, so that locks are taken in the order in which bindings depend on each other. lifecycle and injector
 * are set by the injector before anyone can ask.
 */
final class Resource<T extends AutoCloseable> implements Provider<T> {
    private final String label;
    private final Supplier<T> opener;
    private final Object lock = new Object();
    private @Nullable RegistryLifecycle lifecycle;
    private @Nullable Injector injector;
    private volatile @Nullable T value;
    private volatile @Nullable Throwable failure;

    /** @param label what it is, for logs and messages, such as {@code the store 'audit'} */
    Resource(String label, Supplier<T> opener) {
        this.label = label;
        this.opener = opener;
    }

    @Inject
    void openedIn(RegistryLifecycle owner, Injector boundIn) {
        lifecycle = owner;
        injector = boundIn;
    }

    /** In which this is bound. */
    Injector injector() {
        Injector boundIn = injector;
        if (boundIn == null) {
            throw new IllegalStateException(label + " was asked for before its injector was there.");
        }
        return boundIn;
    }

    String label() {
        return label;
    }

    /** What was opened, or null. */
    @Nullable
    T opened() {
        return value;
    }

    /** Why it could not be opened when that was last tried, or null. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    @Override
    public T get() {
        T present = value;
        return present == null ? open() : present;
    }

    private T open() {
        RegistryLifecycle owner = lifecycle;
        if (owner == null) {
            throw new IllegalStateException(label + " was asked for before its injector was there.");
        }
        synchronized (lock) {
            T present = value;
            if (present != null) {
                return present;
            }
            owner.checkOpen(this);
            T opened;
            try {
                opened = opener.get();
            } catch (RuntimeException | Error e) {
                failure = e;
                throw e;
            }
            owner.adopt(this, opened);
            value = opened;
            failure = null;
            return opened;
        }
    }
}
