package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.rollcall.kv.Directory;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class NodeKeysTest {
    private final NodeKeys keys = new NodeKeys(Directory.of("/tidb-binlog/v1"));

    @ParameterizedTest
    @CsvSource({
        "/tidb-binlog/v1/pumps/x, x",
        "tidb-binlog/v1/pumps/x, x",
        "/tidb-binlog/pumps/x, x",
        "tidb-binlog/pumps/ip-1:8250, ip-1:8250",
        "/tidb-binlog/v1/viewers/x, x",
        "/tidb-binlog/viewers/x, x",
        "/tidb-binlog/v1/v2/x, x"
    })
    void idsAreFoundInNewAndLegacyKeys(String key, String nodeId) {
        assertThat(keys.nodeIdOf(key)).isEqualTo(nodeId);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tidb-binlog",
                "/tidb-binlog/v1",
                "/tidb-binlog/v1/pumps",
                "/tidb-binlog/v1/pumps/x/y",
                "/tidb-binlog/v2/x",
                "/tidb-binlog/pumps/x/y",
                "/tidb-binlog/v10/pumps/x",
                "/other/v1/pumps/x",
                "/tidb-binlog2/pumps/x",
                "/tidb-binlog/v1/.rollcall/alive"
            })
    void otherKeysAreNotANodes(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.nodeIdOf(key))
                .withMessageContaining("Not the key of a node: '" + key + "'")
                .withMessageContaining("/tidb-binlog/v1/<kind>/<nodeId>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//x", "/tidb-binlog/v1/pumps/", "/tidb-binlog/v1/../x", "/a/\u0000"})
    void textThatIsNoKeyIsRefused(String key) {
        assertThatIllegalArgumentException().isThrownBy(() -> keys.nodeIdOf(key));
    }

    @Test
    void rootsWithoutAVersionHaveNoLegacyForm() {
        NodeKeys plain = new NodeKeys(Directory.of("/fleet/eu"));
        assertThat(plain.nodeIdOf("/fleet/eu/workers/x")).isEqualTo("x");
        assertThatIllegalArgumentException().isThrownBy(() -> plain.nodeIdOf("/fleet/workers/x"));
        assertThat(new NodeKeys(Directory.ROOT).nodeIdOf("workers/x")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "/", "a/", "/a", "a/../b"})
    void idsWithASlashAreRefused(String nodeId) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.record("pumps", nodeId))
                .withMessageStartingWith("Not a nodeId");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a\u0000b", "a\nb", "\uD83D\uDE00", "\uFFFF"})
    void idsAndKindsThatAreNoSegmentAreRefused(String segment) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.record("pumps", segment))
                .withMessageStartingWith("Not a nodeId")
                .withMessageNotContaining("\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.kind(segment))
                .withMessageStartingWith("Not a kind");
    }

    @Test
    void tooLongIdsAreRefusedByTheLongestKeyMadeWithThem() {
        int longest = 512 - "/tidb-binlog/v1/.rollcall/alive/pumps/".length();
        assertThat(keys.record("pumps", "x".repeat(longest)).name()).hasSize(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.record("pumps", "x".repeat(longest + 1)))
                .withMessageContaining("more than the limit of 512");
    }

    @Test
    void ownDirectoryIsNoKind() {
        assertThatIllegalArgumentException().isThrownBy(() -> keys.kind(".rollcall"));
        assertThatNullPointerException().isThrownBy(() -> keys.kind(null));
    }

    @Test
    void claimsLieOutsideTheKind() {
        assertThat(keys.kind("pumps").covers(keys.claim("pumps", "x"))).isFalse();
        assertThat(keys.claims("pumps").covers(keys.claim("pumps", "x"))).isTrue();
        assertThat(keys.root().covers(keys.claim("pumps", "x"))).isTrue();
    }
}
