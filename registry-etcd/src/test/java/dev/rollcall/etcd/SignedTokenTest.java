package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.WatchStart;
import io.etcd.jetcd.api.AuthUserAddRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that etcd signs, which expire after a time however often they are used. */
class SignedTokenTest {
    private static final Directory DIR = Directory.of("/d");
    private static final Directory PAGES = Directory.of("/pages");
    private static final int ENTRIES = 40;
    /** So that together they live longer than a lease whose renewal has failed. */
    private static final int TOKENS = 5;

    @TempDir
    Path folder;

    private String pem(String name, java.security.Key key) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        Path file = folder.resolve(name.replace(' ', '-') + ".pem");
        Files.writeString(
                file,
                "-----BEGIN " + name + "-----\n" + text + "\n-----END " + name + "-----\n",
                StandardCharsets.US_ASCII);
        return file.toString();
    }

    private String signing() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        return "--auth-token=jwt,sign-method=RS256,ttl=2s,pub-key=" + pem("PUBLIC KEY", keys.getPublic()) + ",priv-key="
                + pem("PRIVATE KEY", keys.getPrivate());
    }

    @Test
    void nothingIsLostOrRefusedWhileTokensExpire() throws IOException, GeneralSecurityException {
        AtomicInteger logins = new AtomicInteger();
        try (EtcdServer server = TokenTest.start(signing());
                GrpcRelay relay = GrpcRelay.to(server.port());
                KvBackend backend = KvBackends.open("etcd://root:s3cret@" + relay.address() + "/signed?timeout=60s")) {
            relay.script(method -> {
                if (method.endsWith("/Authenticate")) {
                    logins.incrementAndGet();
                }
                return GrpcRelay.PASS;
            });
            TokenTest.switchOn(server);
            for (int i = 0; i < ENTRIES; i++) {
                Await.result(backend.put(PAGES.key("k" + i), Bytes.EMPTY));
            }
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(8)));
            Key leased = DIR.key("leased");
            Await.result(backend.put(leased, Bytes.EMPTY, lease));
            List<Observer> observers = new ArrayList<>();
            while (observers.size() < TOKENS) {
                // A watch of its own for each token, on a stream that was opened with the one before.
                Observer observer = new Observer();
                backend.watch(DIR, WatchStart.snapshot(), observer);
                observers.add(observer);
                int before = logins.get();
                while (logins.get() == before) {
                    Await.result(backend.put(DIR.key("k"), Bytes.ofUtf8("" + before)));
                    assertThat(Await.result(backend.list(PAGES)).entries()).hasSize(ENTRIES);
                }
            }
            // And of another revision of the users.
            TokenTest.asRoot(server, "s3cret")
                    .userAdd(AuthUserAddRequest.newBuilder()
                            .setName("other")
                            .setPassword("p")
                            .build());
            long last = Await.result(backend.put(leased, Bytes.ofUtf8("still"), lease))
                    .revision();
            for (Observer observer : observers) {
                Await.until(() -> observer.revision() >= last || observer.hasEnded());
                assertThat(observer.cause()).isNull();
                assertThat(observer.state()).containsKey(leased);
                assertThat(observer.breaches()).isEmpty();
            }
            assertThat(lease.isHeld()).isTrue();
            Await.result(lease.revoke());
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(Await.result(backend.get(leased)).isPresent()).isFalse();
        }
    }
}
