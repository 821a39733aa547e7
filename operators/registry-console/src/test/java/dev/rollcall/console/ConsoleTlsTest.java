package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console with certificates. */
class ConsoleTlsTest {
    @TempDir
    Path directory;

    @Test
    void pageIsServedUnderItsCertificate() throws Exception {
        TestCertificate certificate = TestCertificate.in(directory);
        try (ConsoleFixture fixture = new ConsoleFixture(
                options -> options.tls(certificate.chain(), certificate.key()).token("0123456789abcdef-token"))) {
            assertThat(fixture.console.url().getScheme()).isEqualTo("https");
            HttpClient client =
                    HttpClient.newBuilder().sslContext(certificate.trusting()).build();
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(fixture.url("?token=0123456789abcdef-token"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.headers().firstValue("Set-Cookie"))
                    .hasValueSatisfying(cookie -> assertThat(cookie).contains("Secure"));
        }
    }

    @Test
    void uselessFilesAreNamed() throws Exception {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        Path absent = directory.resolve("absent.key");
        ConsoleOptions.Builder options = ConsoleOptions.builder().listen(new InetSocketAddress("127.0.0.1", 0));
        assertThatThrownBy(() ->
                        Console.start("inmemory:tls", options.tls(absent, empty).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("absent.key");
        assertThatThrownBy(() ->
                        Console.start("inmemory:tls", options.tls(empty, empty).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty.pem");
    }
}
