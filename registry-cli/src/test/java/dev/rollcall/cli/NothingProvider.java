package dev.rollcall.cli;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import java.lang.reflect.Proxy;
import java.util.Set;

/** Backends as a new one begins: {@code nothing:x} can be opened and no more, {@code unopened:x} not even that, {@code unlinked:x} lacks a class. */
public final class NothingProvider implements KvBackendProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("nothing", "unopened", "unlinked");
    }

    @Override
    public KvBackend open(BackendUrl url) {
        if (url.scheme().equals("unopened")) {
            throw new UnsupportedOperationException("Not written yet.");
        }
        if (url.scheme().equals("unlinked")) {
            throw new NoClassDefFoundError("some/driver/Client");
        }
        return (KvBackend) Proxy.newProxyInstance(
                NothingProvider.class.getClassLoader(),
                new Class<?>[] {KvBackend.class},
                (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException("Not written yet: " + method.getName() + ".");
                });
    }
}
