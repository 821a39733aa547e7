package dev.rollcall.kv;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/** Opens backends by URL, with whatever providers are on the class path. */
public final class KvBackends {
    private static final int MOST_BROKEN = 100;

    private KvBackends() {}

    /**
     * Opens the backend that {@code url} names, such as {@code inmemory:test} or {@code etcd://localhost:2379/prefix}.
     *
     * @throws IllegalArgumentException if the URL is malformed, its scheme has no provider, or the provider refuses it
     */
    public static KvBackend open(String url) {
        return open(BackendUrl.parse(url));
    }

    /**
     * Opens the backend that {@code url} names.
     *
     * @throws IllegalArgumentException if its scheme has no provider, or the provider refuses it
     */
    public static KvBackend open(BackendUrl url) {
        return provider(url).open(url);
    }

    /**
     * Refuses what {@link #open(BackendUrl)} would refuse, without opening anything: a scheme that has no provider, an option that is unknown or out of range.
     *
     * @throws IllegalArgumentException as {@link #open(BackendUrl)}; what only opening can find out, such as a file that cannot be read, is not found
     */
    public static void check(BackendUrl url) {
        provider(url).check(url);
    }

    private static KvBackendProvider provider(BackendUrl url) {
        List<Throwable> broken = new ArrayList<>();
        for (KvBackendProvider provider : providers(broken)) {
            if (provider.schemes().contains(url.scheme())) {
                return provider;
            }
        }
        Set<String> available = schemes();
        throw new IllegalArgumentException(
                "No backend for the scheme '" + url.scheme() + "'. Available: "
                        + (available.isEmpty()
                                ? "none; put a backend's jar on the class path"
                                : String.join(", ", available))
                        + "."
                        + (broken.isEmpty()
                                ? ""
                                : " A backend on the class path could not be loaded: "
                                        + broken.get(0).getMessage() + "."),
                broken.isEmpty() ? null : broken.get(0));
    }

    /** The schemes that can be opened, sorted. */
    public static Set<String> schemes() {
        Set<String> schemes = new TreeSet<>();
        providers(new ArrayList<>()).forEach(provider -> schemes.addAll(provider.schemes()));
        return schemes;
    }

    /** The providers that can be loaded; what is wrong with the others is added to {@code broken}, as these may do without them. */
    private static List<KvBackendProvider> providers(List<Throwable> broken) {
        List<KvBackendProvider> providers = new ArrayList<>();
        // The context loader sees what the application brings; this class's own loader is what remains where there is
        // none.
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        Iterator<KvBackendProvider> found = ServiceLoader.load(
                        KvBackendProvider.class, loader == null ? KvBackends.class.getClassLoader() : loader)
                .iterator();
        // An iterator goes on behind an entry that is broken, but not if it is the class path itself that cannot be
        // read.
        while (broken.size() < MOST_BROKEN) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                providers.add(found.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                broken.add(e);
            }
        }
        return providers;
    }
}
