package dev.rollcall.guice;

import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.KvBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Stores in memory of one test, and what is told of closing. */
final class Stores implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String prefix = "guice-" + NUMBER.incrementAndGet() + "-";
    private final List<String> names = new CopyOnWriteArrayList<>();

    /** What was closed, in order. */
    final List<String> closed = new CopyOnWriteArrayList<>();

    /** The URL of a store of this test. */
    String url(String name) {
        names.add(prefix + name);
        return "inmemory:" + prefix + name;
    }

    /** Notes when the store is closed, and may fail then. */
    UnaryOperator<KvBackend> noted(String name, boolean fails) {
        return backend -> (KvBackend) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {KvBackend.class}, (proxy, method, args) -> {
                    try {
                        if (method.getName().equals("close")) {
                            closed.add(name);
                            if (fails) {
                                throw new IllegalStateException(name + " fails on purpose");
                            }
                        }
                        return method.invoke(backend, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public void close() {
        names.forEach(InMemoryStore::drop);
    }
}
