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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Backends as a new one begins: {@code nothing:x} can be opened and no more, {@code unopened:x} not even that, {@code unlinked:x} lacks a class. And a store in
 * memory that refuses each transaction, {@code denied:x}, or all but the first, {@code deniedlater:x}, or loses each on its way without a word,
 * {@code unanswered:x}; others see it as {@code inmemory:refusing-x}.
 */
public final class NothingProvider implements KvBackendProvider {
    private static final KvException.Context COMMIT = new KvException.Context("refusing", "commit", null);
    private static final KvException DENIED = new AccessDeniedException(COMMIT, "this user may not write", null);

    @Override
    public Set<String> schemes() {
        return Set.of("nothing", "unopened", "unlinked", "denied", "deniedlater", "unanswered");
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
            return refusing(url, DENIED, 0);
        }
        if (url.scheme().equals("deniedlater")) {
            return refusing(url, DENIED, 1);
        }
        if (url.scheme().equals("unanswered")) {
            return refusing(
                    url,
                    new DeadlineExceededException(COMMIT, Outcome.UNKNOWN, Duration.ofMillis(1), "on purpose", null),
                    0);
        }
        return (KvBackend) Proxy.newProxyInstance(
                NothingProvider.class.getClassLoader(),
                new Class<?>[] {KvBackend.class},
                (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException("Not written yet: " + method.getName() + ".");
                });
    }

    /** Refuses all transactions but the first few. */
    private static KvBackend refusing(BackendUrl url, KvException failure, int allowed) {
        AtomicInteger commits = new AtomicInteger();
        KvBackend memory = KvBackends.open("inmemory:refusing-" + url.path());
        return (KvBackend) Proxy.newProxyInstance(
                NothingProvider.class.getClassLoader(),
                new Class<?>[] {KvBackend.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("commit") && commits.incrementAndGet() > allowed) {
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
