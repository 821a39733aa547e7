package dev.rollcall.etcd;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority of our own, made for one test run, and what it signs; all as PEM files in one directory. */
final class Certificates {
    /** A certificate and its key. */
    record Identity(Path certificate, Path key) {}

    private static final AtomicLong SERIALS = new AtomicLong();

    private final Path directory;
    private final X500Name name;
    private final KeyPair keys;
    private final Path file;

    /** Makes an authority. */
    Certificates(Path directory, String authority) {
        this.directory = directory;
        this.name = new X500Name("CN=" + authority);
        this.keys = newKeys();
        this.file = directory.resolve(authority + ".pem");
        Instant now = Instant.now();
        write(file, sign(name, keys, now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)), true));
    }

    /** The file with the authority's own certificate. */
    Path authority() {
        return file;
    }

    /** An identity that is valid now, for clients and for servers on the loopback interface. */
    Identity valid(String subject) {
        return issue(subject, Instant.now().plus(Duration.ofDays(1)));
    }

    /** An identity whose time is over. */
    Identity expired(String subject) {
        return issue(subject, Instant.now().minus(Duration.ofHours(1)));
    }

    private Identity issue(String subject, Instant end) {
        KeyPair own = newKeys();
        X509Certificate certificate =
                sign(new X500Name("CN=" + subject), own, end.minus(Duration.ofDays(2)), end, false);
        Identity identity = new Identity(directory.resolve(subject + ".pem"), directory.resolve(subject + "-key.pem"));
        write(identity.certificate(), certificate);
        try {
            write(identity.key(), new JcaPKCS8Generator(own.getPrivate(), null));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return identity;
    }

    private X509Certificate sign(X500Name subject, KeyPair own, Instant from, Instant to, boolean authority) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(SERIALS.incrementAndGet()),
                    Date.from(from),
                    Date.from(to),
                    subject,
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!authority) {
                GeneralName[] names = {
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                    new GeneralName(GeneralName.dNSName, "etcd.test")
                };
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, Object content) {
        try (Writer out = Files.newBufferedWriter(file);
                JcaPEMWriter pem = new JcaPEMWriter(out)) {
            pem.writeObject(content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
