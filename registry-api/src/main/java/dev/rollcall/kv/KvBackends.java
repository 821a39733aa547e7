package dev.rollcall.kv;

import java.util.Map;
import java.util.Set;

/**
 * Opens backends by URL, with whatever providers are on the class path: those that the calling thread's context class loader sees, and those that this
 * library's own loader sees. Where both have one for a scheme, the context loader's is taken. A provider that cannot be loaded is named when no provider is
 * found for a scheme, and does not disturb the others.
 */
public final class KvBackends {
    /** Where the schemes come from that this project has. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            "inmemory", "dev.rollcall:registry-inmemory",
            "etcd", "dev.rollcall:registry-etcd",
            "etcds", "dev.rollcall:registry-etcd",
            "zookeeper", "dev.rollcall:registry-zookeeper");

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
        Providers providers = Providers.find();
        KvBackendProvider provider = providers.of(url.scheme());
        if (provider == null) {
            throw noProvider(url.scheme(), providers);
        }
        return provider;
    }

    private static IllegalArgumentException noProvider(String scheme, Providers providers) {
        Set<String> available = providers.schemes();
        String artifact = ARTIFACTS.get(scheme);
        StringBuilder message = new StringBuilder("No backend for the scheme '" + scheme + "'. Available: ");
        if (!available.isEmpty()) {
            message.append(String.join(", ", available)).append('.');
        } else {
            message.append(artifact == null ? "none; put a backend's jar on the class path." : "none.");
        }
        if (artifact != null) {
            message.append(" It comes with the artifact ")
                    .append(artifact)
                    .append("; put that on the class path. In one jar made of several, their files META-INF/services/"
                            + KvBackendProvider.class.getName() + " have to be merged.");
        }
        if (!providers.problems().isEmpty()) {
            message.append(" A backend on the class path could not be loaded: ")
                    .append(String.join("; ", providers.problems()))
                    .append('.');
        }
        IllegalArgumentException failure = new IllegalArgumentException(message.toString());
        for (Throwable cause : providers.causes()) {
            if (failure.getCause() == null) {
                failure.initCause(cause);
            } else {
                failure.addSuppressed(cause);
            }
        }
        return failure;
    }

    /** The schemes that can be opened, sorted. */
    public static Set<String> schemes() {
        return Providers.find().schemes();
    }
}
