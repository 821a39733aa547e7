package dev.rollcall.jetcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from a builder, without a server. */
class JetcdStoresTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static ClientBuilder local() {
        return Client.builder().endpoints("http://127.0.0.1:1");
    }

    private static String nameOf(ClientBuilder builder, String root) {
        try (KvBackend store = JetcdStores.open(builder, Directory.of(root), TIMEOUT)) {
            return store.name();
        }
    }

    private static void refused(ClientBuilder builder, String... reasons) {
        assertThatThrownBy(() -> JetcdStores.open(builder, Directory.ROOT, TIMEOUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(reasons);
    }

    private static SslContextBuilder jdk() {
        return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ip:///a:1,b:2        | false | a:1,b:2     |
                    ip:///a,[::1]:2      | false | a,[::1]:2   |
                    ip://front/a:1       | false | a:1         | front
                    http://a:1           | false | a:1         |
                    https://a            | true  | a           |
                    dns:///a:1           | false | a:1         |
                    dns:///a             | false | a:80        |
                    dns:///a             | true  | a:443       |
                    dns:///[::1]         | true  | [::1]:443   |
                    a:1                  | false | a:1         |
                    dns:a:1              | false | a:1         |
                    """)
    void targetNamesTheMembers(String text, boolean secure, String members, String authority) {
        assertThat(Target.of(text, secure)).isEqualTo(new Target(List.of(members.split(",")), authority));
    }

    @Test
    void endpointsArePassedOnAsTheBuilderHasThem() {
        ClientBuilder builder =
                Client.builder().authority("front").endpoints("http://a:1", "https://b", "http://[::1]:3");
        assertThat(Target.of(builder.target(), false)).isEqualTo(new Target(List.of("a:1", "b", "[::1]:3"), "front"));
    }

    @Test
    void targetsThatDoNotNameTheirMembersAreRefused() {
        refused(Client.builder(), "names no member", "set endpoints");
        refused(
                Client.builder().target("dns+srv:///etcd.example"),
                "'dns+srv:///etcd.example'",
                "by endpoints instead");
        refused(Client.builder().target("dns://10.0.0.1/etcd"), "a DNS server of its own", "by endpoints instead");
        refused(Client.builder().target("ip:///"), "at least one member");
        refused(Client.builder().target("ho|st:1"), "ho|st");
    }

    @Test
    void namespaceAndRootAreWhatStandsBeforeEachKey() {
        assertThat(nameOf(local(), "/")).isEqualTo("etcd://127.0.0.1:1");
        assertThat(nameOf(local(), "/app")).isEqualTo("etcd://127.0.0.1:1/app");
        assertThat(nameOf(local().namespace(bytes("/ns")), "/app")).isEqualTo("etcd://127.0.0.1:1/ns/app");
        assertThat(nameOf(local().namespace(bytes("/ns/")), "/app")).isEqualTo("etcd://127.0.0.1:1/ns/app");
        assertThat(nameOf(local().namespace(bytes("ns/")), "/")).isEqualTo("etcd://127.0.0.1:1?prefix=ns");
        assertThat(nameOf(local().namespace(bytes("/")), "/")).isEqualTo("etcd://127.0.0.1:1");
        refused(local().namespace(ByteSequence.from(new byte[] {(byte) 0xFF})), "The namespace", "not UTF-8");
    }

    @Test
    void userAndPasswordBelongTogether() {
        refused(local().user(bytes("app")), "a user but no password");
        refused(local().password(bytes("s3cret")), "a password but no user");
        refused(local().user(bytes("app")).password(ByteSequence.EMPTY), "the password is");
        refused(local().user(bytes("app")).password(ByteSequence.from(new byte[] {(byte) 0xFF})), "password", "UTF-8");
    }

    @Test
    void contextOfAnotherTlsIsRefusedWithAWayOut() throws SSLException {
        SslContext other = new DelegatingSslContext(jdk().build()) {
            @Override
            protected void initEngine(SSLEngine engine) {}
        };
        refused(local().sslContext(other), other.getClass().getName(), "SslProvider.JDK", "etcds://");
    }

    @Test
    void contextOfTheJdkKeepsItsLimits() throws SSLException {
        SslContext own = jdk().protocols("TLSv1.3")
                .ciphers(List.of("TLS_AES_256_GCM_SHA384"))
                .build();
        HostTls taken = HostTls.of(own);
        assertThat(taken.limits().getProtocols()).containsExactly("TLSv1.3");
        assertThat(taken.limits().getCipherSuites()).containsExactly("TLS_AES_256_GCM_SHA384");
        assertThat(nameOf(local().sslContext(own), "/")).isEqualTo("etcds://127.0.0.1:1");
    }

    @Test
    void whatHasNoEffectIsNamed() {
        assertThat(Ignored.of(local().keepaliveTime(Duration.ofSeconds(5)).header("a", "b")))
                .isEmpty();
        assertThat(Ignored.of(local().retryMaxAttempts(7)
                        .retryMaxDuration(TIMEOUT)
                        .loadBalancerPolicy("pick_first")
                        .waitForReady(false)
                        .connectTimeout(TIMEOUT)
                        .executorService(ForkJoinPool.commonPool())))
                .containsExactly(
                        "retryMaxAttempts",
                        "retryMaxDuration",
                        "waitForReady",
                        "loadBalancerPolicy",
                        "connectTimeout",
                        "executorService");
    }

    @Test
    void timesOfPingsAreChecked() {
        refused(local().keepaliveTime(Duration.ZERO), "must be positive", "PT0S");
        assertThat(nameOf(local().keepaliveTime(null), "/")).isEqualTo("etcd://127.0.0.1:1");
        assertThat(nameOf(local().keepaliveTimeout(null).keepaliveWithoutCalls(null), "/"))
                .isEqualTo("etcd://127.0.0.1:1");
    }
}
