package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void aBrokenProviderIsInNobodysWay(@TempDir Path folder) throws IOException {
        Path services = folder.resolve("META-INF/services/" + KvBackendProvider.class.getName());
        Files.createDirectories(services.getParent());
        Files.writeString(services, "no.such.Provider\n" + Working.class.getName() + "\n");
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
                    .withMessageContaining("no.such.Provider");
        } finally {
            thread.setContextClassLoader(before);
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
