package dev.rollcall.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/** Opens backends by URL, with whatever providers are on the class path. */
public final class KvBackends {
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
        for (KvBackendProvider provider : providers()) {
            if (provider.schemes().contains(url.scheme())) {
                return provider.open(url);
            }
        }
        Set<String> available = schemes();
        throw new IllegalArgumentException("No backend for the scheme '" + url.scheme() + "'. Available: "
                + (available.isEmpty() ? "none; put a backend's jar on the class path" : String.join(", ", available))
                + ".");
    }

    /** The schemes that can be opened, sorted. */
    public static Set<String> schemes() {
        Set<String> schemes = new TreeSet<>();
        providers().forEach(provider -> schemes.addAll(provider.schemes()));
        return schemes;
    }

    private static List<KvBackendProvider> providers() {
        List<KvBackendProvider> providers = new ArrayList<>();
        // The context loader sees what the application brings; this class's own loader is what remains where there is
        // none.
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        ServiceLoader.load(KvBackendProvider.class, loader == null ? KvBackends.class.getClassLoader() : loader)
                .forEach(providers::add);
        return providers;
    }
}
