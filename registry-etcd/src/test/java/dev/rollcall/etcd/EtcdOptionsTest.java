package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackends;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EtcdOptionsTest {
    private static EtcdOptions parse(String url) {
        return EtcdOptions.of(BackendUrl.parse(url));
    }

    @Test
    void urlTellsMembersPrefixAndTimeout() {
        EtcdOptions options = parse("etcd://a,b:1,[::1],a:2379/x/y?timeout=2s");
        assertThat(options.endpoints()).extracting(Endpoint::toString).containsExactly("a:2379", "b:1", "[::1]:2379");
        assertThat(options.prefix()).isEqualTo("/x/y");
        assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.tls()).isNull();
        assertThat(options.name()).isEqualTo("etcd://a:2379,b:1,[::1]:2379/x/y");
    }

    @Test
    void prefixMayBeLeftOut() {
        assertThat(parse("etcd://a").prefix()).isEmpty();
        assertThat(parse("etcd://a/").prefix()).isEmpty();
        assertThat(parse("etcd://a").timeout()).isEqualTo(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource({
        "etcd:name, at least one host",
        "etcd://a?nonsense=1, Unknown option 'nonsense' for etcd",
        "etcds://a?nonsense=1, Unknown option 'nonsense' for etcds",
        "etcd://a?ca=x, The option 'ca' is for TLS",
        "etcds://a?cert=x, 'cert' and 'key' belong together",
        "etcd://a?timeout=0s, a positive duration",
        "etcd://user@a, names a user but no password",
        "etcd://a?password-file=f, names no user",
        "etcd://user:pw@a?password-file=f, The password is given twice",
        "etcd://user@a?password-file=/does/not/exist, names no file that can be read",
        "etcd://user@a?password-file=/dev/null, names no file that can be read",
        "etcd://a/x?prefix=y, The prefix is given twice",
        "etcd://a?prefix=y/, must not end with '/'",
        "etcd://a?prefix=%FF, must be UTF-8",
        "etcd://a/x/, must not end with '/'",
        "etcds://a?ca=%00, The option 'ca' must be the name of a file",
        "etcds://a?cert=a%0Ab&key=k, The option 'cert' must be the name of a file",
        "etcds://a?ca=/does/not/exist, names a file that cannot be read",
    })
    void whatIsWrongIsNamed(String url, String message) {
        assertThatThrownBy(() -> KvBackends.open(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void passwordIsNeverShown() {
        EtcdOptions options = parse("etcd://me:s3cret@a/x");
        assertThat(options.toString() + options.credentials() + options.name()).doesNotContain("s3cret");
        assertThatThrownBy(() -> KvBackends.open("etcd://me:s3cret@a/x?bad=s3cret"))
                .hasMessageNotContaining("s3cret");
    }
}
