package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files for TLS, and the context made from them. Files are read again when their contents have changed: certificates are renewed while a handle is
 * open, in place or by a symbolic link that is changed. Files that cannot be used, for instance half of a file, or a certificate whose key is not there
 * yet, change nothing, and are reported once.
 *
 * <p>Safe for use by several threads: the last usable state is held in one volatile field, and only one thread reads files at a time.
 */
final class TlsFiles implements TlsContexts {
    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

    private final EtcdOptions.Tls files;
    private volatile Loaded loaded;
    /** What was read last and could not be used, so that it is said once; guarded by this. */
    private @Nullable Contents unusable;

    /** What the files hold; a file that was not named is null. */
    private record Contents(byte @Nullable [] ca, byte @Nullable [] certificate, byte @Nullable [] key) {
        boolean isSameAs(@Nullable Contents other) {
            return other != null
                    && Arrays.equals(ca, other.ca)
                    && Arrays.equals(certificate, other.certificate)
                    && Arrays.equals(key, other.key);
        }
    }

    private record Loaded(Contents contents, SslContext context) {}

    private TlsFiles(EtcdOptions.Tls files, Loaded loaded) {
        this.files = files;
        this.loaded = loaded;
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException naming the option and the file that cannot be used
     */
    static TlsFiles read(EtcdOptions.Tls files) {
        Contents contents = contents(files);
        return new TlsFiles(files, new Loaded(contents, build(files, contents)));
    }

    @Override
    public SslContext context() {
        return loaded.context();
    }

    @Override
    public synchronized void refresh() {
        Contents now = null;
        try {
            now = contents(files);
            if (now.isSameAs(loaded.contents())) {
                unusable = null;
                return;
            }
            if (now.isSameAs(unusable)) {
                return;
            }
            loaded = new Loaded(now, build(files, now));
            unusable = null;
            LOG.info("The files for TLS have changed; new connections use what they hold now.");
        } catch (IllegalArgumentException e) {
            boolean said = unusable != null && (now == null || now.isSameAs(unusable));
            unusable = now == null ? new Contents(null, null, null) : now;
            if (!said) {
                LOG.warn(
                        "The files for TLS have changed and cannot be used; new connections go on with what they held before: {}",
                        e.getMessage());
                LOG.debug("Why they cannot be used:", e);
            }
        }
    }

    private static Contents contents(EtcdOptions.Tls files) {
        return new Contents(bytes("ca", files.ca()), bytes("cert", files.certificate()), bytes("key", files.key()));
    }

    private static byte @Nullable [] bytes(String option, @Nullable Path file) {
        if (file == null) {
            return null;
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "The option '" + option + "' names a file that cannot be read: '" + file + "'.", e);
        }
    }

    private static SslContext build(EtcdOptions.Tls files, Contents contents) {
        SslContextBuilder builder = SslContextBuilder.forClient();
        byte[] ca = contents.ca();
        byte[] certificate = contents.certificate();
        byte[] key = contents.key();
        if (ca != null) {
            use("ca", files.ca(), () -> builder.trustManager(chain(ca)));
        }
        if (certificate != null && key != null) {
            X509Certificate[] chain = use("cert", files.certificate(), () -> chain(certificate));
            PrivateKey own = use("key", files.key(), () -> PemKey.parse(key));
            if (!PemKey.isOf(own, chain[0].getPublicKey())) {
                throw new IllegalArgumentException("The options 'cert' and 'key' do not belong together: the key in '"
                        + files.key() + "' is not that of the certificate in '" + files.certificate() + "'.");
            }
            builder.keyManager(own, chain);
        }
        try {
            // The JDK's TLS, so that its failures are the same everywhere and name the alert that was received.
            return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
        } catch (SSLException e) {
            throw new IllegalArgumentException("TLS cannot be set up from the given files: " + e.getMessage() + ".", e);
        }
    }

    private static X509Certificate[] chain(byte[] pem) throws CertificateException {
        Collection<?> certificates =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
        if (certificates.isEmpty()) {
            throw new CertificateException("no certificate");
        }
        return certificates.stream().map(X509Certificate.class::cast).toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable String fault(Instant now) {
        return fault(files, now);
    }

    /** What is wrong at {@code now} with the client certificate in these files, whatever they hold, or null. */
    static @Nullable String fault(EtcdOptions.Tls files, Instant now) {
        Path certificate = files.certificate();
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

    private interface Step<T> {
        T run() throws GeneralSecurityException;
    }

    private static <T> T use(String option, @Nullable Path file, Step<T> step) {
        try {
            return step.run();
        } catch (GeneralSecurityException | RuntimeException e) {
            // The cause is kept out of the message: a parser may quote the key.
            throw new IllegalArgumentException(
                    "The option '" + option + "' names a file that is not in the expected PEM form: '"
                            + requireNonNull(file) + "'.",
                    e);
        }
    }
}
