package dev.rollcall.etcd;

import static dev.rollcall.fuzz.Refusals.assertSentence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** Files that should hold certificates and keys. */
class TlsFilesFuzzTest extends FuzzTarget {
    private final Path file;

    TlsFilesFuzzTest() throws IOException {
        file = Files.createTempFile("tls", ".pem");
    }

    @AfterAll
    void delete() throws IOException {
        Files.delete(file);
    }

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2VydGlmaWNhdGUwCgYIKoZIzj0EAwIwDzENMAsGA1UE\n-----END CERTIFICATE-----\n",
                "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n",
                "-----BEGIN CERTIFICATE-----\n",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    }

    @Override
    protected List<String> words() {
        return List.of("-----BEGIN ", "-----END ", "CERTIFICATE-----", "PRIVATE KEY-----", "RSA ", "\n", "MII", "====");
    }

    @Override
    protected void check(byte[] input) throws Exception {
        Files.write(file, input);
        for (EtcdOptions.Tls tls :
                List.of(new EtcdOptions.Tls(file, null, null, null), new EtcdOptions.Tls(null, file, file, null))) {
            try {
                assertThat(TlsFiles.read(tls).context()).isNotNull();
            } catch (IllegalArgumentException e) {
                assertSentence(e);
                assertThat(e.getMessage()).contains(file.toString());
            }
            String fault = TlsFiles.fault(tls, Instant.EPOCH);
            assertThat(fault == null || !fault.isBlank()).isTrue();
        }
    }
}
