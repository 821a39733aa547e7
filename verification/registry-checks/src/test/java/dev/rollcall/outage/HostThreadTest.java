package dev.rollcall.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.time.Duration;
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
            // It comes as far as the socket.
            await().atMost(Duration.ofMinutes(3))
                    .untilAsserted(() ->
                            assertThat(backend.connection().lastFailure()).hasMessageContaining("Connection refused"));
        }
    }
}
