package dev.rollcall.cli;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Backends as a new one begins: {@code nothing:x} can be opened and no more, {@code unopened:x} not even that, {@code unlinked:x} lacks a class. And a store in
 * memory that refuses each transaction, {@code denied:x}, or loses each on its way without a word, {@code unanswered:x}.
 */
public final class NothingProvider implements KvBackendProvider {
    private static final KvException.Context COMMIT = new KvException.Context("refusing", "commit", null);

    @Override
    public Set<String> schemes() {
        return Set.of("nothing", "unopened", "unlinked", "denied", "unanswered");
    }

    @Override
    public KvBackend open(BackendUrl url) {
        if (url.scheme().equals("unopened")) {
            throw new UnsupportedOperationException("Not written yet.");
        }
        if (url.scheme().equals("unlinked")) {
            throw new NoClassDefFoundError("some/driver/Client");
        }
        if (url.scheme().equals("denied")) {
            return refusing(new AccessDeniedException(COMMIT, "this user may not write", null));
        }
        if (url.scheme().equals("unanswered")) {
            return refusing(
                    new DeadlineExceededException(COMMIT, Outcome.UNKNOWN, Duration.ofMillis(1), "on purpose", null));
        }
        return (KvBackend) Proxy.newProxyInstance(
                NothingProvider.class.getClassLoader(),
                new Class<?>[] {KvBackend.class},
                (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException("Not written yet: " + method.getName() + ".");
                });
    }

    private static KvBackend refusing(KvException failure) {
        KvBackend memory = KvBackends.open("inmemory:refusing-" + UUID.randomUUID());
        return (KvBackend) Proxy.newProxyInstance(
                NothingProvider.class.getClassLoader(),
                new Class<?>[] {KvBackend.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("commit")) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
