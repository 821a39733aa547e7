package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        server = start(ours.valid("server"));
    }

    private EtcdServer start(Certificates.Identity identity) {
        return EtcdServer.start(
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
        return "etcds://" + server.address() + "/tls?timeout=30s&ca=" + ca;
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

    /** A token is the first thing that is asked for. */
    @Test
    void clientWithAPasswordIsToldTheSame() {
        String user = "etcds://app:s3cret@";
        denied(url(ours.authority()).replace("etcds://", user), "no client certificate was given");
        Certificates others = new Certificates(directory, "password-authority");
        denied(url(others.authority(), ours.valid("known")).replace("etcds://", user), "TLS says");
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
    void memberWithAnExpiredCertificateEndsNothingWhileOthersAreAway() {
        try (EtcdServer late = start(ours.expired("late-server"));
                TcpProxy good = TcpProxy.to(server.port())) {
            Certificates.Identity client = ours.valid("patient");
            String hosts = "etcds://" + late.address() + "," + good.address();
            try (KvBackend backend = KvBackends.open(hosts + "/late?timeout=12s&ca=" + ours.authority() + "&cert="
                    + client.certificate() + "&key=" + client.key())) {
                Observer observer = new Observer();
                backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
                Await.until(() -> observer.signals().size() == 1);
                good.refuse();
                good.cut();
                // Its whole patience: rounds in which one member is not trusted and the other is away.
                assertThatThrownBy(() -> Await.result(backend.get(KEY)))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageContaining("TLS says")
                        .hasMessageContaining(late.address())
                        .hasMessageContaining("other members cannot be reached");
                good.accept();
                // A write, tried again until the member is back.
                long revision = revisionOfAPut(backend);
                Await.until(() -> observer.revision() >= revision || observer.hasEnded());
                assertThat(observer.hasEnded())
                        .as("whether the watch has ended")
                        .isFalse();
            }
        }
    }

    private static long revisionOfAPut(KvBackend backend) {
        AtomicLong revision = new AtomicLong();
        Await.until(() -> {
            try {
                revision.set(Await.result(backend.put(KEY, Bytes.EMPTY)).revision());
            } catch (KvException e) {
                return false;
            }
            return true;
        });
        return revision.get();
    }

    /** A port without TLS answers what it does not understand, or nothing. */
    @Test
    void clientWithTlsAtAPlainPortIsToldWhatToDo() {
        try (EtcdServer plain = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend =
                        KvBackends.open("etcds://" + plain.address() + "/tls?timeout=10s&ca=" + ours.authority())) {
            Await.reason(backend);
            assertThatThrownBy(() -> Await.result(backend.get(KEY)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining(plain.address())
                    .hasMessageContaining("etcd://");
        }
    }

    @Test
    void clientWithoutTlsIsToldWhatToDo() {
        try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/tls?timeout=10s")) {
            Await.reason(backend);
            assertThatThrownBy(() -> Await.result(backend.get(KEY)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("etcds://");
        }
    }

    @Test
    void newConnectionsUseWhatTheFilesHoldNow() throws IOException {
        Certificates others = new Certificates(directory, "former-authority");
        Path files = Files.createDirectory(directory.resolve("renewed"));
        Certificates.Identity used = new Certificates.Identity(files.resolve("tls.crt"), files.resolve("tls.key"));
        Certificates.Identity good = ours.valid("renewed-client");
        copy(good, used);
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = KvBackends.open("etcds://" + proxy.address() + "/renewed?timeout=60s&ca="
                        + ours.authority() + "&cert=" + used.certificate() + "&key=" + used.key())) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
            Files.write(used.certificate(), Arrays.copyOf(Files.readAllBytes(good.certificate()), 200));
            proxy.cut();
            // A read, since a write that meets the end of the old connection is rightly in doubt.
            Await.result(backend.get(KEY));
            copy(others.valid("former-client"), used);
            proxy.cut();
            Await.until(() -> isUntrusted(backend));
            copy(good, used);
            Await.result(backend.get(KEY));
        }
    }

    private static boolean isUntrusted(KvBackend backend) {
        KvException failure = backend.connection().lastFailure();
        return failure != null && String.valueOf(failure.getMessage()).contains("TLS says");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void certificatesThatAreChangedOneAfterTheOtherEndNothing(boolean authorityFirst) throws IOException {
        String name = "order-" + authorityFirst;
        Certificates others = new Certificates(directory, name);
        Path files = Files.createDirectory(directory.resolve(name + "-files"));
        Path ca = Files.copy(ours.authority(), files.resolve("ca.crt"));
        Certificates.Identity used = new Certificates.Identity(files.resolve("tls.crt"), files.resolve("tls.key"));
        Certificates.Identity good = ours.valid(name + "-good");
        copy(good, used);
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = KvBackends.open("etcds://" + proxy.address() + "/order?timeout=60s&ca=" + ca
                        + "&cert=" + used.certificate() + "&key=" + used.key())) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            Observer after = new Observer();
            backend.watch(
                    Directory.ROOT,
                    WatchStart.after(Await.result(backend.get(KEY)).revision()),
                    after);
            Await.until(() -> observer.signals().size() == 1);
            // One side trusts the other no more: as between the two steps by which an authority is replaced.
            if (authorityFirst) {
                Files.copy(others.authority(), ca, StandardCopyOption.REPLACE_EXISTING);
            } else {
                copy(others.valid(name + "-early"), used);
            }
            proxy.cut();
            Await.until(() -> isUntrusted(backend));
            assertThat(backend.connection().lastFailure()).isInstanceOf(UnavailableException.class);
            CompletableFuture<Commit> waiting = backend.put(KEY, Bytes.EMPTY);
            Files.copy(ours.authority(), ca, StandardCopyOption.REPLACE_EXISTING);
            copy(good, used);
            long revision = Await.result(waiting).revision();
            Await.until(() -> (observer.revision() >= revision || observer.hasEnded())
                    && (after.revision() >= revision || after.hasEnded()));
            assertThat(observer.hasEnded() || after.hasEnded())
                    .as("whether a watch has ended")
                    .isFalse();
        }
    }

    private static void copy(Certificates.Identity from, Certificates.Identity to) throws IOException {
        Files.copy(from.key(), to.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(from.certificate(), to.certificate(), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void filesThatCannotBeUsedChangeNothing() throws IOException {
        Certificates.Identity first = ours.valid("first");
        Certificates.Identity second = ours.valid("second");
        Path one = Files.createDirectory(directory.resolve("one"));
        Path two = Files.createDirectory(directory.resolve("two"));
        copy(first, new Certificates.Identity(one.resolve("tls.crt"), one.resolve("tls.key")));
        copy(second, new Certificates.Identity(two.resolve("tls.crt"), two.resolve("tls.key")));
        Path link = Files.createSymbolicLink(directory.resolve("current"), one);
        TlsFiles files = TlsFiles.read(
                new EtcdOptions.Tls(ours.authority(), link.resolve("tls.crt"), link.resolve("tls.key"), null));
        SslContext before = files.context();
        files.refresh();
        assertThat(files.context()).isSameAs(before);
        Files.copy(first.certificate(), two.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(link);
        files.refresh();
        assertThat(files.context()).as("without the files").isSameAs(before);
        Files.createSymbolicLink(link, two);
        files.refresh();
        assertThat(files.context())
                .as("with a key that is not the certificate's")
                .isSameAs(before);
        Files.copy(second.certificate(), two.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
        files.refresh();
        assertThat(files.context()).as("with another pair").isNotSameAs(before);
    }
}
