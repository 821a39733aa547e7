package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console with certificates. */
class ConsoleTlsTest {
    @TempDir
    Path directory;

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + what
                + "-----\n";
    }

    private static byte[] certificate(KeyPair keys) throws Exception {
        X500Name name = new X500Name("CN=localhost");
        return new X509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.now().minus(Duration.ofHours(1))),
                        Date.from(Instant.now().plus(Duration.ofHours(1))),
                        name,
                        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()))
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
    }

    private static SSLContext trusting(byte[] certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "console",
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void pageIsServedUnderItsCertificate() throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
        byte[] certificate = certificate(keys);
        Path chain = Files.writeString(directory.resolve("server.pem"), pem("CERTIFICATE", certificate));
        Path key = Files.writeString(
                directory.resolve("server.key"),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        try (ConsoleFixture fixture =
                new ConsoleFixture(options -> options.tls(chain, key).token("0123456789abcdef-token"))) {
            assertThat(fixture.console.url().getScheme()).isEqualTo("https");
            HttpClient client =
                    HttpClient.newBuilder().sslContext(trusting(certificate)).build();
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
