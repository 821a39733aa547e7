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
    private final NodeKeys keys = new NodeKeys(Directory.of("/tidb-binlog/v1"), NodeLayout.TIDB_BINLOG);

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
        NodeKeys plain = new NodeKeys(Directory.of("/fleet/eu"), NodeLayout.TIDB_BINLOG);
        assertThat(plain.nodeIdOf("/fleet/eu/workers/x")).isEqualTo("x");
        assertThatIllegalArgumentException().isThrownBy(() -> plain.nodeIdOf("/fleet/workers/x"));
        assertThat(new NodeKeys(Directory.ROOT, NodeLayout.TIDB_BINLOG).nodeIdOf("workers/x"))
                .isEqualTo("x");
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
                .isThrownBy(() -> keys.records(segment))
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
        assertThatIllegalArgumentException().isThrownBy(() -> keys.records(".rollcall"));
        assertThatNullPointerException().isThrownBy(() -> keys.records(null));
    }

    @Test
    void claimsLieOutsideTheKindOfTidb() {
        assertThat(keys.records("pumps").covers(keys.claim("pumps", "x"))).isFalse();
        assertThat(keys.claims("pumps").covers(keys.claim("pumps", "x"))).isTrue();
        assertThat(keys.root().covers(keys.claim("pumps", "x"))).isTrue();
    }

    // --- A directory for each kind

    private final NodeKeys byKind = new NodeKeys(Directory.of("/fleet/eu"), NodeLayout.BY_KIND);

    @Test
    void kindOfItsOwnHasEverythingInOneDirectory() {
        assertThat(byKind.record("workers", "x").path()).isEqualTo("/fleet/eu/workers/nodes/x");
        assertThat(byKind.claim("workers", "x").path()).isEqualTo("/fleet/eu/workers/alive/x");
        assertThat(byKind.mark("workers", "x").path()).isEqualTo("/fleet/eu/workers/kept/x");
        assertThat(byKind.parts("workers")).containsExactly(byKind.scope("workers"));
        assertThat(byKind.scope("workers").path()).isEqualTo("/fleet/eu/workers");
        assertThat(byKind.scope("workers").covers(byKind.probe("workers"))).isTrue();
        assertThat(keys.scope("pumps")).isEqualTo(keys.root());
        assertThat(keys.parts("pumps"))
                .extracting(Directory::path)
                .containsExactly(
                        "/tidb-binlog/v1/pumps",
                        "/tidb-binlog/v1/.rollcall/alive/pumps",
                        "/tidb-binlog/v1/.rollcall/kept/pumps");
    }

    @Test
    void idsInAKindOfItsOwnAreFoundByItsRecordsOnly() {
        assertThat(byKind.nodeIdOf("/fleet/eu/workers/nodes/x")).isEqualTo("x");
        assertThat(byKind.nodeIdOf("fleet/eu/workers/nodes/x")).isEqualTo("x");
        for (String other : new String[] {
            "/fleet/eu/workers/x", "/fleet/eu/workers/alive/x", "/fleet/eu/workers/nodes/x/y", "/fleet/workers/nodes/x"
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> byKind.nodeIdOf(other))
                    .withMessageContaining("/fleet/eu/<kind>/nodes/<nodeId>");
        }
        NodeKeys versioned = new NodeKeys(Directory.of("/fleet/v1"), NodeLayout.BY_KIND);
        assertThatIllegalArgumentException().isThrownBy(() -> versioned.nodeIdOf("/fleet/workers/nodes/x"));
    }

    @Test
    void rulesOfNamesAreTheSameInEachLayout() {
        assertThatIllegalArgumentException().isThrownBy(() -> byKind.record(".rollcall", "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> byKind.scope("a/b"));
        int longest = 512 - "/fleet/eu/workers/alive/".length();
        assertThat(byKind.claim(
                                "workers",
                                byKind.record("workers", "x".repeat(longest)).name())
                        .path())
                .hasSize(512);
        assertThatIllegalArgumentException().isThrownBy(() -> byKind.record("workers", "x".repeat(longest + 1)));
    }
}
