package dev.rollcall.tck;

import dev.rollcall.kv.KvBackendProvider;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * What the author of a backend gives the kit: stores to test, and the faults that they can have. One instance serves a whole run.
 *
 * <p>Every {@link Hook} is either given, and then in {@link #hooks()}, or declared absent with a reason, and then in {@link
 * #absentHooks()}; a test that needs a hook which is neither fails. Rules that could not be proven for want of a hook are listed in the
 * report as not verified, and the backend is then not called conformant.
 */
public interface BackendFixture extends AutoCloseable {
    /** The name of the backend in reports and in the directory they are written to, such as {@code etcd}. */
    String name();

    /** An empty store that shares no key with any other; the kit asks for a new one for each test and closes it afterwards. */
    TestStore newStore();

    /** The hooks that the stores of this fixture give. */
    default Set<Hook> hooks() {
        return Set.of();
    }

    /** The hooks that cannot be given, each with the reason. */
    default Map<Hook, String> absentHooks() {
        return Map.of();
    }

    /** The deadline of the operations of {@link TestStore#open()}; short ones make the kit quicker. */
    default Duration deadline() {
        return Duration.ofSeconds(5);
    }

    /** The grace that the backend documents: how long after its ttl a silent holder's lease may still be seen. */
    default Duration leaseGrace() {
        return Duration.ofSeconds(3);
    }

    /** What the names of all threads of a handle contain: by default the {@link #name()}. */
    default String threadMark() {
        return name();
    }

    /** Whether {@code thread} is one that the backend does I/O with; by default unknown, and only judged by what happens. */
    default boolean isIoThread(Thread thread) {
        return false;
    }

    /** What opens the {@link TestStore#url} of a store: by default the provider on the class path that answers to the scheme. */
    default KvBackendProvider provider(String scheme) {
        return ServiceLoader.load(KvBackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains(scheme))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "The fixture names a URL of the scheme '" + scheme + "', for which there is no provider."));
    }

    /** Lets go of servers and files once the run is over. */
    @Override
    default void close() {}
}
