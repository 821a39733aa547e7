package dev.rollcall.inmemory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A store can be opened on any thread of a host, whatever its context class loader sees. */
class ContextClassLoaderTest {
    private static final String STORE = "context-class-loader-test";

    private final @Nullable ClassLoader before = Thread.currentThread().getContextClassLoader();

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(before);
        InMemoryStore.drop(STORE);
    }

    /** As on a common pool's threads beside an executable jar, on those that native code has attached, and where nothing is to be seen at all. */
    static Stream<Arguments> loaders() {
        return Stream.of(
                Arguments.of("the platform's", ClassLoader.getPlatformClassLoader()),
                Arguments.of("none", null),
                Arguments.of("one that sees nothing", new ClassLoader(null) {}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("loaders")
    void theLibrarysOwnLoaderIsAskedAsWell(String name, @Nullable ClassLoader context) {
        Thread.currentThread().setContextClassLoader(context);
        assertThat(KvBackends.schemes()).contains("inmemory");
        KvBackends.check(BackendUrl.parse("inmemory:" + STORE));
        try (KvBackend backend = KvBackends.open("inmemory:" + STORE)) {
            assertThat(backend).isInstanceOf(InMemoryBackend.class);
        }
    }
}
