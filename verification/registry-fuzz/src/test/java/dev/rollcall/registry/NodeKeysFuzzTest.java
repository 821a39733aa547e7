package dev.rollcall.registry;

import static dev.rollcall.fuzz.Refusals.assertSentence;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.List;

class NodeKeysFuzzTest extends FuzzTarget {
    private static final NodeKeys KEYS = new NodeKeys(Directory.of("/tidb-binlog/v1"), NodeLayout.TIDB_BINLOG);

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "pumps\nhost:8250",
                ".rollcall\nx",
                "v2\np",
                "/tidb-binlog/v1/pumps/p",
                "tidb-binlog/pumps/p",
                "/tidb-binlog/v2/pumps/p",
                "/tidb-binlog/v1/.rollcall/alive/pumps/p",
                "pumps\n" + "x".repeat(460));
    }

    @Override
    protected List<String> words() {
        return List.of("/tidb-binlog", "/v1", "/v2", ".rollcall", "/", "..", "pumps");
    }

    @Override
    protected void check(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            String id = KEYS.nodeIdOf(text);
            assertThat(id).isNotEmpty().doesNotContain("/");
            assertThat(text).endsWith("/" + id);
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
        String[] parts = text.split("\n", 2);
        try {
            Key record = KEYS.record(parts[0], parts.length > 1 ? parts[1] : "p");
            assertThat(record.path())
                    .isEqualTo("/tidb-binlog/v1/" + parts[0] + "/" + (parts.length > 1 ? parts[1] : "p"));
            assertThat(KEYS.nodeIdOf(record.path())).isEqualTo(record.name());
            assertThat(KEYS.claim(parts[0], record.name())).isNotEqualTo(KEYS.mark(parts[0], record.name()));
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
    }
}
