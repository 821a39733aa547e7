package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.tck.server.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.client.ZKClientConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that only talks TLS, and only to clients whose certificates it trusts. */
class TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    static Path stores;

    private static ZooKeeperServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        makeKey("server");
        makeKey("client");
        makeKey("stranger");
        trust("server", "client");
        trust("client", "server");
        trust("stranger", "server");
        port = FreePorts.find();
        server = server("server", port);
    }

    private static ZooKeeperServer server(String owner, int port, String... more) {
        List<String> lines = new ArrayList<>(List.of(more));
        lines.addAll(List.of(
                "secureClientPort=" + port,
                "secureClientPortAddress=127.0.0.1",
                "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
                "ssl.keyStore.location=" + keyStore(owner),
                "ssl.keyStore.password=" + PASSWORD,
                "ssl.trustStore.location=" + trustStore(owner),
                "ssl.trustStore.password=" + PASSWORD,
                "ssl.hostnameVerification=false",
                "ssl.clientAuth=need"));
        return ZooKeeperServer.alone(false, lines, List.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Path keyStore(String owner) {
        return stores.resolve(owner + "-key.p12");
    }

    private static Path trustStore(String owner) {
        return stores.resolve(owner + "-trust.p12");
    }

    private static void makeKey(String owner) throws IOException, InterruptedException {
        keytool(
                "-genkeypair",
                "-alias",
                owner,
                "-keyalg",
                "EC",
                "-dname",
                // Who owns a node by a certificate still does by the next one.
                "CN=" + owner.replaceAll("-\\d$", ""),
                "-validity",
                "2",
                "-ext",
                "SAN=ip:127.0.0.1,dns:localhost",
                "-keystore",
                keyStore(owner).toString());
        keytool(
                "-exportcert",
                "-alias",
                owner,
                "-keystore",
                keyStore(owner).toString(),
                "-file",
                stores.resolve(owner + ".crt").toString());
    }

    private static void trust(String owner, String other) throws IOException, InterruptedException {
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                other,
                "-file",
                stores.resolve(other + ".crt").toString(),
                "-keystore",
                trustStore(owner).toString());
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(stores.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private static KvBackend open(String owner, String timeout) {
        return open(owner, port, timeout);
    }

    private static KvBackend open(String owner, int port, String timeout) {
        return KvBackends.open("zookeeper://127.0.0.1:" + port + "/tls?timeout=" + timeout + "&tls=true"
                + "&keyStore=" + keyStore(owner) + "&keyStorePassword=" + PASSWORD
                + "&trustStore=" + trustStore(owner) + "&trustStorePassword=" + PASSWORD);
    }

    @Test
    void theClientSettingsOfAHostSpeakTlsAsWell() {
        ZKClientConfig settings = new ZKClientConfig();
        settings.setProperty("zookeeper.client.secure", "true");
        settings.setProperty(
                "zookeeper.ssl.keyStore.location", keyStore("client").toString());
        settings.setProperty("zookeeper.ssl.keyStore.password", PASSWORD);
        // Without this the client takes no server of 3.8 for one that it can talk to.
        settings.setProperty("zookeeper.ssl.enabledProtocols", "TLSv1.3,TLSv1.2");
        settings.setProperty(
                "zookeeper.ssl.trustStore.location", trustStore("client").toString());
        settings.setProperty("zookeeper.ssl.trustStore.password", PASSWORD);
        try (KvBackend store = ZooKeeperBackendBuilder.at(() -> List.of("127.0.0.1:" + port), "/host")
                .client(settings)
                .acls(path -> Ids.CREATOR_ALL_ACL)
                .timeout(Duration.ofSeconds(30))
                .open()) {
            result(store.put(Key.of("/k"), text("v")));
            assertThat(result(store.get(Key.of("/k"))).isPresent()).isTrue();
        }
    }

    /** As servers of 3.8 are by default. */
    @Test
    void serverThatSpeaksOnlyTheTlsBeforeIsServedAsWell() {
        int other = FreePorts.find();
        try (ZooKeeperServer old = server("server", other, "ssl.protocol=TLSv1.2");
                KvBackend store = open("client", other, "60s")) {
            result(store.put(Key.of("/a/k"), text("v")));
            assertThat(old.process().isAlive()).isTrue();
        }
    }

    @Test
    void clientWithATrustedCertificateIsServed() {
        try (KvBackend handle = open("client", "30s")) {
            Key key = Key.of("/a/k");
            result(handle.put(key, text("v")));
            assertThat(result(handle.list(Directory.ROOT)).entries()).hasSize(1);
            Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
            result(handle.put(key, text("leased"), lease));
            assertThat(result(handle.get(key)).entryOrNull()).isNotNull();
        }
    }

    @Test
    void handleFindsTheServerAgainAfterBothHaveRenewedTheirStoresOnDisk() throws IOException, InterruptedException {
        for (String generation : List.of("-1", "-2")) {
            makeKey("host" + generation);
            makeKey("guest" + generation);
            trust("host" + generation, "guest" + generation);
            trust("guest" + generation, "host" + generation);
        }
        renew("host", "-1");
        renew("guest", "-1");
        int own = FreePorts.find();
        try (ZooKeeperServer host = server("host", own);
                KvBackend guest = open("guest", own, "60s")) {
            result(guest.put(Key.of("/k"), text("before")));
            host.process().kill();
            renew("host", "-2");
            // Half of a file, as it may be found while it is written; then all of it.
            byte[] whole = Files.readAllBytes(trustStore("guest-2"));
            Files.write(trustStore("guest"), Arrays.copyOf(whole, whole.length / 2));
            host.process().start();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(guest.connection().lastFailure())
                            .hasMessageContaining("the option 'trustStore' names a store that cannot be used"));
            renew("guest", "-2");
            result(guest.put(Key.of("/k"), text("after")));
        }
    }

    private static void renew(String owner, String generation) throws IOException {
        Files.copy(keyStore(owner + generation), keyStore(owner), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(trustStore(owner + generation), trustStore(owner), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void clientWithoutATrustedCertificateIsNot() {
        try (KvBackend handle = open("stranger", "20s")) {
            Await.reason(handle);
            KvException failure = failure(handle.put(Key.of("/b"), text("v")));
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            assertThat(failure).hasMessageNotContaining(PASSWORD);
            assertThat(failure).hasMessageContaining("TLS");
        }
    }

    @Test
    void clientOnTheWrongPortIsToldSo() {
        String stores = "&trustStore=" + trustStore("client") + "&trustStorePassword=" + PASSWORD;
        try (KvBackend plain = KvBackends.open("zookeeper://127.0.0.1:" + port + "/tls?timeout=20s");
                KvBackend secure =
                        KvBackends.open("zookeeper://" + server.address() + "/tls?timeout=20s&tls=true" + stores)) {
            Await.reason(plain);
            Await.reason(secure);
            CompletableFuture<?> plainRead = plain.get(Key.of("/k"));
            CompletableFuture<?> secureRead = secure.get(Key.of("/k"));
            assertThat(failure(plainRead)).hasMessageContaining("take only TLS");
            assertThat(failure(secureRead)).hasMessageContaining("TLS");
        }
    }

    @Test
    void storeThatCannotBeReadIsRefusedWhenTheHandleIsOpened() {
        String url = "zookeeper://127.0.0.1:" + port + "/tls?tls=true&keyStore=" + keyStore("client");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open(url + "&keyStorePassword=mistaken"))
                .withMessageContaining("'keyStore'")
                .withMessageNotContaining("mistaken");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open(url + "&keyStorePassword=" + PASSWORD + "&trustStore="
                        + trustStore("client") + "&trustStorePassword=mistaken"))
                .withMessageContaining("'trustStore'")
                .withMessageNotContaining("mistaken");
    }
}
