package dev.rollcall.kv;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The providers that some class loaders see, each once, and the reasons why some cannot be used: these do not disturb the others, and are named when no
 * provider is found for a scheme.
 */
final class Providers {
    private static final int MOST_BROKEN = 100;

    /** By scheme; the first that was found has it. */
    private final Map<String, KvBackendProvider> byScheme = new LinkedHashMap<>();

    /** By the name of the class, as a loader may see what another has seen already, or a copy of it. */
    private final Map<String, KvBackendProvider> byClass = new LinkedHashMap<>();

    /** By what is said of it, as two loaders may meet the same. */
    private final Map<String, Throwable> broken = new LinkedHashMap<>();

    private Providers() {}

    /**
     * What the calling thread's context loader sees, which is what the application brings, and then what the loader of this library sees: a thread that the
     * application did not start, of a common pool for instance, may have a context loader that knows neither.
     */
    static Providers find() {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            loaders.add(context);
        }
        ClassLoader own = Providers.class.getClassLoader();
        loaders.add(own == null ? ClassLoader.getSystemClassLoader() : own);
        return find(loaders);
    }

    static Providers find(Iterable<ClassLoader> loaders) {
        Providers providers = new Providers();
        loaders.forEach(providers::add);
        return providers;
    }

    private void add(ClassLoader loader) {
        int failures = 0;
        Iterator<KvBackendProvider> found =
                ServiceLoader.load(KvBackendProvider.class, loader).iterator();
        // An iterator goes on behind an entry that is broken, but not if it is the class path itself that cannot be
        // read.
        while (failures < MOST_BROKEN) {
            try {
                if (!found.hasNext()) {
                    return;
                }
                add(found.next());
            } catch (ServiceConfigurationError e) {
                failures++;
                broken.putIfAbsent(String.valueOf(e.getMessage()), e);
            } catch (RuntimeException | LinkageError e) {
                // A loader whose application has been stopped, for instance, or a class that was compiled for a newer
                // Java.
                failures++;
                broken.putIfAbsent(e.toString(), e);
            }
        }
    }

    private void add(KvBackendProvider provider) {
        String name = provider.getClass().getName();
        if (byClass.putIfAbsent(name, provider) != null) {
            return;
        }
        try {
            provider.schemes().forEach(scheme -> byScheme.putIfAbsent(scheme, provider));
        } catch (RuntimeException | LinkageError e) {
            broken.putIfAbsent(name + " does not say its schemes: " + e, e);
        }
    }

    List<KvBackendProvider> all() {
        return List.copyOf(byClass.values());
    }

    Set<String> schemes() {
        return new TreeSet<>(byScheme.keySet());
    }

    @Nullable
    KvBackendProvider of(String scheme) {
        return byScheme.get(scheme);
    }

    /** What is wrong with the providers that cannot be used, each in a few words. */
    List<String> problems() {
        return List.copyOf(broken.keySet());
    }

    /** Why the providers that cannot be used cannot. */
    List<Throwable> causes() {
        return new ArrayList<>(broken.values());
    }
}
