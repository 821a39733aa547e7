package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts as people write them, and the addresses behind them. */
class EndpointTest {
    private static final Key KEY = Key.of("/k");

    @Test
    void aHostThatCanNeverBeFoundIsRefusedByCheckAndOpen() {
        String url = "etcd://127.0.0.1:1,${ETCD_HOST}:2379/x";
        assertThatThrownBy(() -> KvBackends.open(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("${ETCD_HOST}");
        assertThatThrownBy(() -> KvBackends.check(BackendUrl.parse(url))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "a, a:2379, a:2379",
        "a:1, a:1, a:1",
        "etcd_1:1, etcd_1:1, etcd_1",
        "[::1], [::1]:2379, [::1]:2379",
        "[fe80::1]:7, [fe80::1]:7, [fe80::1]:7",
    })
    void anAuthorityHasThePortIfAUriCanHaveTheHost(String text, String shown, String authority) {
        Endpoint endpoint = Endpoint.of(text);
        assertThat(endpoint).hasToString(shown);
        assertThat(endpoint.authority()).isEqualTo(authority);
    }

    @Test
    void aServerIsReachedByIpv6() {
        String urls = "http://127.0.0.1:" + EtcdServer.PORT + ",http://[::1]:" + EtcdServer.PORT;
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest(), "--listen-client-urls=" + urls);
                KvBackend backend = KvBackends.open("etcd://[::1]:" + server.port() + "/six?timeout=20s")) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
        }
    }

    @Test
    void aNameThatIsNotFoundHarmsNoOther() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend = KvBackends.open(
                        "etcd://etcd_1:2379,nobody.invalid,127.0.0.1:1," + server.address() + "/others?timeout=20s")) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
            assertThat(backend.connection().state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void aNameThatIsNotFoundIsNamed() {
        try (KvBackend backend = KvBackends.open("etcd://nobody.invalid/x?timeout=5s")) {
            assertThatThrownBy(() -> Await.result(backend.get(KEY))).hasMessageContaining("nobody.invalid");
        }
    }
}
