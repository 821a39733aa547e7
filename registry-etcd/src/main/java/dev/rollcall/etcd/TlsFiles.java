package dev.rollcall.etcd;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Reads the files that TLS needs. */
final class TlsFiles {
    private TlsFiles() {}

    /**
     * Builds the context for connections.
     *
     * @throws IllegalArgumentException naming the option and the file that cannot be used
     */
    static SslContext context(EtcdOptions.Tls tls) {
        SslContextBuilder builder = SslContextBuilder.forClient();
        Path ca = tls.ca();
        Path certificate = tls.certificate();
        Path key = tls.key();
        if (ca != null) {
            check("ca", ca);
            use("ca", ca, () -> builder.trustManager(ca.toFile()));
        }
        if (certificate != null && key != null) {
            check("cert", certificate);
            check("key", key);
            use("cert", certificate, () -> certificate(certificate));
            use("key", key, () -> builder.keyManager(certificate.toFile(), key.toFile()));
        }
        try {
            // The JDK's TLS, so that its failures are the same everywhere and name the alert that was received.
            return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
        } catch (SSLException e) {
            throw new IllegalArgumentException("TLS cannot be set up from the given files: " + e.getMessage() + ".", e);
        }
    }

    /** A clause that says what is wrong with the client's own certificate at this moment, or null if nothing is. */
    static @Nullable String fault(EtcdOptions.Tls tls, Instant now) {
        Path certificate = tls.certificate();
        if (certificate == null) {
            return "no client certificate was given (options 'cert' and 'key')";
        }
        try {
            X509Certificate own = certificate(certificate);
            if (now.isAfter(own.getNotAfter().toInstant())) {
                return "the client certificate expired at " + own.getNotAfter().toInstant();
            }
            if (now.isBefore(own.getNotBefore().toInstant())) {
                return "the client certificate is not valid before "
                        + own.getNotBefore().toInstant();
            }
            return null;
        } catch (CertificateException | IOException e) {
            return "the client certificate cannot be read any more";
        }
    }

    private static X509Certificate certificate(Path file) throws CertificateException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void check(String option, Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    "The option '" + option + "' names a file that cannot be read: '" + file + "'.");
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void use(String option, Path file, Step step) {
        try {
            step.run();
        } catch (Exception e) {
            // The cause is kept out of the message: a parser may quote the key.
            throw new IllegalArgumentException(
                    "The option '" + option + "' names a file that is not in the expected PEM form: '" + file + "'.",
                    e);
        }
    }
}
