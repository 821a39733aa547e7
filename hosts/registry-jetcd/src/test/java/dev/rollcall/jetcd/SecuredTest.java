package dev.rollcall.jetcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.etcd.SecuredEtcd;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates on both sides, user and password: all from the builder. */
class SecuredTest {
    private static final Key KEY = Key.of("/k");
    private static final ByteSequence ROOT = bytes("root");

    @TempDir
    static Path directory;

    private static SecuredEtcd server;

    @BeforeAll
    static void startServer() throws Exception {
        server = new SecuredEtcd(directory);
        try (Client client = builder().build()) {
            Auth auth = client.getAuthClient();
            result(auth.userAdd(ROOT, bytes("s3cret")));
            result(auth.roleAdd(ROOT));
            result(auth.userGrantRole(ROOT, ROOT));
            result(auth.authEnable());
        }
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T result(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static SslContextBuilder tls() {
        return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .trustManager(server.authority().toFile())
                .keyManager(server.certificate().toFile(), server.key().toFile());
    }

    private static ClientBuilder builder() throws SSLException {
        return Client.builder().endpoints(server.endpoint()).sslContext(tls().build());
    }

    private static KvBackend open(ClientBuilder builder) {
        return JetcdStores.open(builder, Directory.of("/secured"), Duration.ofSeconds(20));
    }

    private static ClientBuilder asRoot() throws SSLException {
        return builder().user(ROOT).password(bytes("s3cret"));
    }

    @Test
    void certificatesUserAndPasswordAreTakenOver() throws Exception {
        try (Client client = asRoot().build();
                KvBackend store = open(asRoot())) {
            Futures.await(store.put(KEY, Bytes.ofUtf8("v")));
            assertThat(result(client.getKVClient().get(bytes("/secured/k"))).getKvs())
                    .hasSize(1);
        }
    }

    @Test
    void wrongPasswordIsDenied() throws Exception {
        try (KvBackend store = open(builder().user(ROOT).password(bytes("wrong")))) {
            assertThatThrownBy(() -> Futures.await(store.get(KEY)))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("does not accept this user and password")
                    .hasMessageNotContaining("wrong");
        }
    }

    @Test
    void authorityIsTheNameThatTheServersCertificateMustHave() throws Exception {
        try (KvBackend store = open(asRoot().authority("etcd.test"))) {
            Futures.await(store.get(KEY));
        }
        try (KvBackend store = open(asRoot().authority("other.test"))) {
            assertThatThrownBy(() -> Futures.await(store.get(KEY)))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("other.test");
        }
    }

    @Test
    void clientWithoutACertificateIsDenied() throws Exception {
        SslContextBuilder trustOnly = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .trustManager(server.authority().toFile());
        try (KvBackend store = open(asRoot().sslContext(trustOnly.build()))) {
            assertThatThrownBy(() -> Futures.await(store.get(KEY))).isInstanceOf(AccessDeniedException.class);
        }
    }

    @Test
    void builderWithoutTlsIsToldOfIt() {
        ClientBuilder plain = Client.builder().endpoints(server.endpoint());
        try (KvBackend store = JetcdStores.open(plain, Directory.ROOT, Duration.ofSeconds(1))) {
            // A request says what the last attempt to connect has met, so one must have ended before the deadline.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(90))
                    .until(() -> store.connection().lastFailure() != null);
            assertThatThrownBy(() -> Futures.await(store.get(KEY)))
                    .isInstanceOf(KvException.class)
                    .hasMessageContaining("the settings need a context for TLS");
        }
    }
}
