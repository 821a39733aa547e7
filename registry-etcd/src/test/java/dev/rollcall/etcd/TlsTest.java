package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.WatchStart;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A server that speaks TLS only, and only to those with a certificate. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {
    private static final Key KEY = Key.of("/k");

    @TempDir
    static Path directory;

    private Certificates ours;
    private EtcdServer server;

    @BeforeAll
    void startServer() {
        ours = new Certificates(directory, "authority");
        Certificates.Identity identity = ours.valid("server");
        server = EtcdServer.start(
                EtcdBinary.underTest(),
                "https",
                List.of(
                        "--cert-file=" + identity.certificate(),
                        "--key-file=" + identity.key(),
                        "--trusted-ca-file=" + ours.authority(),
                        "--client-cert-auth"));
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private String url(Path ca, Certificates.Identity identity) {
        return url(ca) + "&cert=" + identity.certificate() + "&key=" + identity.key();
    }

    private String url(Path ca) {
        return "etcds://" + server.address() + "/tls?timeout=10s&ca=" + ca;
    }

    @Test
    void clientWithACertificateIsServed() {
        try (KvBackend backend = KvBackends.open(url(ours.authority(), ours.valid("client")))) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            long revision = Await.result(backend.put(KEY, Bytes.ofUtf8("v"))).revision();
            Await.until(() -> observer.revision() >= revision);
            assertThat(Await.result(backend.get(KEY)).value()).contains(Bytes.ofUtf8("v"));
        }
    }

    @Test
    void serverMayHaveAnotherNameThanItsAddress() {
        String url = url(ours.authority(), ours.valid("named"));
        try (KvBackend backend = KvBackends.open(url + "&server-name=etcd.test")) {
            Await.result(backend.get(KEY));
        }
        try (KvBackend backend = KvBackends.open(url + "&server-name=other.test")) {
            assertThatThrownBy(() -> Await.result(backend.get(KEY)))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("other.test");
        }
    }

    @Test
    void clientWithoutACertificateIsDenied() {
        denied(url(ours.authority()), "no client certificate was given");
    }

    @Test
    void expiredCertificateIsNamed() {
        denied(url(ours.authority(), ours.expired("late")), "the client certificate expired at");
    }

    @Test
    void certificateOfAnotherAuthorityIsDenied() {
        Certificates others = new Certificates(directory, "stranger");
        denied(url(ours.authority(), others.valid("strange-client")), "TLS says");
    }

    @Test
    void serverOfAnotherAuthorityIsNotTrusted() {
        Certificates others = new Certificates(directory, "other-authority");
        denied(url(others.authority(), ours.valid("careful")), "TLS says");
    }

    private static void denied(String url, String reason) {
        try (KvBackend backend = KvBackends.open(url)) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.EMPTY)))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining(reason);
            Await.until(observer::hasEnded);
            assertThat(observer.cause()).isInstanceOf(AccessDeniedException.class);
        }
    }

    @Test
    void clientWithoutTlsIsToldWhatToDo() {
        try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/tls?timeout=3s")) {
            assertThatThrownBy(() -> Await.result(backend.get(KEY)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("etcds://");
        }
    }
}
