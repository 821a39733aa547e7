package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvBackendsTest {
    @Test
    void saysWhichSchemesThereAre() {
        // This module has no provider on its class path.
        assertThat(KvBackends.schemes()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open("redis://user:s3cret@h/p"))
                .withMessage(
                        "No backend for the scheme 'redis'. Available: none; put a backend's jar on the class path.");
    }

    @ParameterizedTest
    @CsvSource({
        "etcd,registry-etcd",
        "etcds,registry-etcd",
        "zookeeper,registry-zookeeper",
        "inmemory,registry-inmemory"
    })
    void saysWhichArtifactBringsAKnownScheme(String scheme, String artifact) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open(scheme + "://h/p"))
                .withMessage("No backend for the scheme '" + scheme
                        + "'. Available: none. It comes with the artifact dev.rollcall:" + artifact
                        + "; put that on the class path. In one jar made of several, their files"
                        + " META-INF/services/dev.rollcall.kv.KvBackendProvider have to be merged.");
    }

    @Test
    void whatTwoLoadersSeeCountsOnce(@TempDir Path folder) throws IOException {
        provide(folder, "no.such.Provider", Silent.class.getName(), Working.class.getName());
        ClassLoader parent = getClass().getClassLoader();
        URL[] path = {folder.toUri().toURL()};
        try (URLClassLoader one = new URLClassLoader(path, parent);
                URLClassLoader two = new URLClassLoader(path, parent)) {
            Providers providers = Providers.find(List.of(one, two, parent));
            assertThat(providers.all()).hasSize(2);
            assertThat(providers.schemes()).containsExactly("working");
            assertThat(providers.problems())
                    .hasSize(2)
                    .anyMatch(problem -> problem.contains("no.such.Provider"))
                    .anyMatch(problem -> problem.contains("Silent") && problem.contains("says nothing"));
        }
    }

    @Test
    void aLoaderThatCannotBeAskedHidesNobody(@TempDir Path folder) throws IOException {
        provide(folder, Working.class.getName());
        ClassLoader stopped = new ClassLoader(null) {
            @Override
            public Enumeration<URL> getResources(String name) {
                throw new IllegalStateException("this application has been stopped");
            }
        };
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            Providers providers = Providers.find(List.of(stopped, loader));
            assertThat(providers.schemes()).containsExactly("working");
            assertThat(providers.problems()).singleElement().asString().contains("has been stopped");
        }
    }

    private static void provide(Path folder, String... providers) throws IOException {
        Path services = folder.resolve("META-INF/services/" + KvBackendProvider.class.getName());
        Files.createDirectories(services.getParent());
        Files.writeString(services, String.join("\n", providers) + "\n");
    }

    @Test
    void aBrokenProviderIsInNobodysWay(@TempDir Path folder) throws IOException {
        provide(folder, "no.such.Provider", "no.other.Provider", Working.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            assertThat(KvBackends.schemes()).containsExactly("working");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KvBackends.open("working:x"))
                    .withMessage("asked");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KvBackends.check(BackendUrl.parse("working:x")))
                    .withMessage("checked");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KvBackends.open("other:x"))
                    .withMessageContaining("Available: working. A backend on the class path could not be loaded:")
                    .withMessageContaining("no.such.Provider")
                    .withMessageContaining("no.other.Provider");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Cannot even say which schemes it has. */
    public static final class Silent implements KvBackendProvider {
        @Override
        public Set<String> schemes() {
            throw new IllegalStateException("says nothing");
        }

        @Override
        public KvBackend open(BackendUrl url) {
            throw new AssertionError("It has no scheme.");
        }
    }

    /** Refuses every URL, which shows that it was asked. */
    public static final class Working implements KvBackendProvider {
        @Override
        public Set<String> schemes() {
            return Set.of("working");
        }

        @Override
        public KvBackend open(BackendUrl url) {
            throw new IllegalArgumentException("asked");
        }

        @Override
        public void check(BackendUrl url) {
            throw new IllegalArgumentException("checked");
        }
    }
}
