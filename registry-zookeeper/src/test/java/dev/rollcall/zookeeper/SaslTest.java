package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.security.auth.login.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** ZooKeeper's SASL with a login configuration for the whole JVM, against a server that serves nobody without. */
class SaslTest {
    private static final String LOGIN = "java.security.auth.login.config";
    /** Unless it is false, neither side uses DIGEST-MD5. */
    private static final String FIPS = "zookeeper.fips-mode";

    private static final Path DIRECTORY = Path.of("target", "sasl").toAbsolutePath();
    private static final Key KEY = Key.of("/a/k");

    private static ZooKeeperServer server;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(DIRECTORY);
        String module = " {\n  org.apache.zookeeper.server.auth.DigestLoginModule required\n  ";
        Path known = DIRECTORY.resolve("server.jaas");
        Files.writeString(known, "Server" + module + "user_ann=\"s3cret\";\n};\n");
        Path logins = DIRECTORY.resolve("client.jaas");
        Files.writeString(
                logins,
                "Ann" + module + "username=\"ann\"\n  password=\"s3cret\";\n};\nImpostor" + module
                        + "username=\"ann\"\n  password=\"guess\";\n};\n");
        System.setProperty(LOGIN, logins.toString());
        System.setProperty(FIPS, "false");
        // The JVM keeps the configuration that it has read first, which another test may have made it do.
        Configuration.setConfiguration(null);
        server = ZooKeeperServer.alone(
                false,
                List.of(),
                List.of(
                        LOGIN + "=" + known,
                        FIPS + "=false",
                        "zookeeper.authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
                        "zookeeper.enforce.auth.enabled=true",
                        "zookeeper.enforce.auth.schemes=sasl"));
    }

    @AfterAll
    static void stop() {
        System.clearProperty(LOGIN);
        System.clearProperty(FIPS);
        Configuration.setConfiguration(null);
        server.close();
    }

    private static KvBackend open(String options) {
        return KvBackends.open("zookeeper://" + server.address() + "/sasl?timeout=30s&acl=creator&" + options);
    }

    @Test
    void loginOfTheNamedSectionIsServedAndOwnsItsNodes() {
        try (KvBackend handle = open("saslContext=Ann")) {
            result(handle.put(KEY, text("v")));
            Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
            result(handle.put(Key.of("/a/leased"), text("v"), lease));
            assertThat(result(handle.get(KEY)).value().orElseThrow().utf8()).isEqualTo("v");
        }
    }

    @Test
    void wrongPasswordIsDenied() {
        try (KvBackend handle = open("saslContext=Impostor")) {
            assertThat(failure(handle.get(KEY)))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageNotContainingAny("guess", "s3cret");
        }
    }

    @Test
    void sectionThatIsMissingIsNamedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open("saslContext=Bob"))
                .withMessageContaining("'Bob'")
                .withMessageContaining(LOGIN);
    }

    @Test
    void configurationWithoutASectionForZooKeeperHasNoPartInThis() {
        try (KvBackend handle = KvBackends.open("zookeeper://" + server.address() + "/sasl?timeout=30s")) {
            assertThat(failure(handle.get(KEY))).isInstanceOf(AccessDeniedException.class);
        }
    }

    @Test
    void withoutSaslNobodyIsServed() {
        try (KvBackend handle = open("sasl=false")) {
            assertThat(failure(handle.get(KEY))).isInstanceOf(AccessDeniedException.class);
        }
    }
}
