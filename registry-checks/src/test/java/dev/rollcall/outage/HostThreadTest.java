package dev.rollcall.outage;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores are opened on threads of a host whose context class loader sees no jar of ours, nor of their clients. */
class HostThreadTest {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"etcd://127.0.0.1:1/a", "zookeeper://127.0.0.1:1/a"})
    void everyBackendIsFoundAndWorks(String url) {
        Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
        KvBackends.check(BackendUrl.parse(url));
        try (KvBackend backend = KvBackends.open(url)) {
            // It has come as far as the socket.
            assertThatThrownBy(() -> Futures.await(backend.get(Key.of("/a"))))
                    .isInstanceOf(KvException.class)
                    .hasMessageContaining("Connection refused");
        }
    }
}
