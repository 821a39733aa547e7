package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackends;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a URL is found without opening anything. */
class UrlChecksTest {
    @Test
    void everySchemeIsLookedAtHere() {
        assertThat(KvBackends.schemes()).isEqualTo(Set.of("etcd", "etcds", "inmemory", "zookeeper"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"etcd://h/p", "etcds://h/p", "inmemory:url-checks", "zookeeper://h/p"})
    void anUnknownOptionIsRefusedByEachBackend(String url) {
        assertThatCode(() -> KvBackends.check(BackendUrl.parse(url))).doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.check(BackendUrl.parse(url + "?tiemout=5s")))
                .withMessageContaining("Unknown option 'tiemout'");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("url-checks"));
    }
}
