package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackends;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.client.ZKClientConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    private static ZooKeeperConfig of(String rest) {
        return ZooKeeperConfig.of(BackendUrl.parse("zookeeper://" + rest));
    }

    @Test
    void urlTellsEverything() {
        ZooKeeperConfig config = of("ann:s3cret@h1:2182,h2/apps/demo?timeout=2s&sessionTimeout=20s&acl=open");
        assertThat(config.ensemble().known()).containsExactly("h1:2182", "h2");
        assertThat(config.layout().root()).isEqualTo("/apps/demo");
        assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.identities()).singleElement().satisfies(identity -> {
            assertThat(identity.scheme()).isEqualTo("digest");
            assertThat(identity.proof()).asString(UTF_8).isEqualTo("ann:s3cret");
        });
        assertThat(config.access().own()).isEqualTo(Ids.OPEN_ACL_UNSAFE);
        assertThat(config.toString()).isEqualTo("zookeeper://ann:***@h1:2182,h2/apps/demo");
    }

    @Test
    void settingsOfAnApplicationHoldWhereTheBackendHasNone() {
        ZKClientConfig host = new ZKClientConfig();
        host.setProperty("zookeeper.ssl.protocol", "TLSv1.3");
        host.setProperty("jute.maxbuffer", "1");
        host.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, "NoSuchSection");
        Layout layout = Layout.of("/r");
        ZKClientConfig settings = ZooKeeperConfig.of(
                        Ensemble.of(List.of("h")),
                        layout,
                        List.of(),
                        NodeAccess.same(Ids.OPEN_ACL_UNSAFE, layout),
                        new ZooKeeperConfig.Timeouts(
                                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                        host)
                .clientConfig();
        assertThat(settings.getProperty("zookeeper.ssl.protocol")).isEqualTo("TLSv1.3");
        assertThat(settings.getInt("jute.maxbuffer", 0)).isEqualTo(ZooKeeperConfig.MAX_REPLY_BYTES);
        assertThat(settings.isSaslClientEnabled())
                .as("a login that the JVM has no configuration for")
                .isFalse();
        assertThat(settings.getProperty("zookeeper.clientCnxnSocket")).endsWith("NIO");
        assertThat(settings.getProperty("no.such", "absent")).isEqualTo("absent");
        host.setProperty("no.such", "later");
        assertThat(settings.getProperty("no.such", "absent")).isEqualTo("later");
    }

    /** They harden all clients of a host, but do not replace what the URL says, or leaves out. */
    @Test
    void systemPropertiesCountForWhatAUrlHasNoOptionFor() {
        Map<String, String> host = Map.of(
                "zookeeper.ssl.ciphersuites", "TLS_AES_256_GCM_SHA384",
                "zookeeper.ssl.enabledProtocols", "TLSv1.3",
                "zookeeper.ssl.context.supplier.class", "no.such.Supplier",
                "zookeeper.ssl.trustStore.location", "/no/such/store",
                "zookeeper.ssl.hostnameVerification", "false",
                "zookeeper.client.secure", "false");
        host.forEach(System::setProperty);
        try {
            ZKClientConfig settings = of("h/r?tls=true").clientConfig();
            assertThat(settings.getProperty("zookeeper.ssl.ciphersuites")).isEqualTo("TLS_AES_256_GCM_SHA384");
            assertThat(settings.getProperty("zookeeper.ssl.enabledProtocols")).isEqualTo("TLSv1.3");
            assertThat(settings.getProperty("zookeeper.ssl.context.supplier.class"))
                    .isNull();
            assertThat(settings.getProperty("zookeeper.ssl.trustStore.location"))
                    .isEmpty();
            assertThat(settings.getBoolean("zookeeper.ssl.hostnameVerification"))
                    .isTrue();
            assertThat(settings.getBoolean("zookeeper.client.secure")).isTrue();
        } finally {
            host.keySet().forEach(System::clearProperty);
        }
    }

    @Test
    void nodesBelongToTheirCreatorIfThereAreCredentials() {
        assertThat(of("ann:s3cret@h/r").access().own()).isEqualTo(Ids.CREATOR_ALL_ACL);
        assertThat(of("h/r").access().own()).isEqualTo(Ids.OPEN_ACL_UNSAFE);
    }

    @Test
    void aHostThatCanNeverBeFoundIsRefusedByCheckAndOpen() {
        String url = "zookeeper://127.0.0.1:1,${ZK_HOST}:2181/r";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open(url))
                .withMessageContaining("${ZK_HOST}");
        assertThatIllegalArgumentException().isThrownBy(() -> KvBackends.check(BackendUrl.parse(url)));
    }

    @ParameterizedTest
    @CsvSource({"a, a, 2181", "a:1, a, 1", "[::1], ::1, 2181", "[fe80::1]:7, fe80::1, 7"})
    void anAddressIsThatOfItsHostAndPort(String text, String host, int port) {
        InetSocketAddress address = Endpoints.address(text);
        assertThat(address.getHostString()).isEqualTo(host);
        assertThat(address.getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "h|needs a root",
                "h/|needs a root",
                "h/zookeeper/x|belongs to ZooKeeper itself",
                "h/a.rollcall/b|for the backend's own nodes",
                "h/r?retries=3|Unknown option 'retries'",
                "h/r?acl=mine|The option 'acl' must be",
                "h/r?acl=digest:ann:x|permissions are letters",
                "h/r?keyStore=/x|needs the option tls=true",
                "h/r?tls=true&trustStore=/nowhere|not a file that can be read",
                "h/r?tls=true&keyStore=%00|The option 'keyStore' must be the name of a file",
                "h/r?saslContext=a%0Ab|must not contain control characters",
                "h/r?timeout=2h|at most 1h",
                "an%3An:x@h/r|must not contain a colon"
            })
    void mistakeIsNamed(String url, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> of(url)).withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/k", "/a/b/c", "/.rollcall", "/g0"})
    void ownNodesAreOutsideTheKeys(String key) {
        Layout layout = Layout.of("/apps/demo");
        String path = layout.path(Key.of(key));
        assertThat(layout.keyOf(path)).isEqualTo(Key.of(key));
        assertThat(layout.stripes()).contains(layout.stripeOf(path)).noneMatch(layout::isBelowRoot);
        assertThat(layout.keyOf(layout.own())).isNull();
    }

    @Test
    void saslIsLeftAloneUnlessThereIsASectionToLogInWith() {
        assertThat(of("h/r").clientConfig().isSaslClientEnabled()).isFalse();
        assertThat(of("h/r?saslContext=Ann&sasl=false").clientConfig().isSaslClientEnabled())
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of("h/r?saslContext=Ann"))
                .withMessageContaining("'Ann'")
                .withMessageContaining("java.security.auth.login.config");
    }

    @Test
    void aclIsAListOfEntries() {
        assertThat(AccessList.parse("digest:ann:aGFzaA==:cdrwa,world:anyone:r"))
                .hasSize(2)
                .last()
                .isEqualTo(Ids.READ_ACL_UNSAFE.get(0));
    }
}
