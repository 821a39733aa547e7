package dev.rollcall.registry;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertClause;
import static dev.rollcall.fuzz.Refusals.messageOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** TiDB's JSON, beside what Jackson makes of it. */
class NodeStatusFuzzTest extends FuzzTarget {
    private static final JsonMapper JACKSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> KNOWN =
            Set.of("nodeid", "host", "state", "isalive", "score", "label", "maxcommitts", "updatets");

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "{\"nodeId\":\"ip:8250\",\"host\":\"h:8250\",\"state\":\"online\",\"isAlive\":true,\"score\":0,\"label\":null,"
                        + "\"maxCommitTS\":405197570529820673,\"updateTS\":405197570529820680}",
                "{\"nodeId\":\"p\",\"score\":-1,\"label\":{\"labels\":{\"rack\":\"r\\u003c7\",\"zone\":\"" + SECRET
                        + "\"},\"more\":[1,2]},\"maxCommitTS\":9223372036854775807}",
                "{\"NODEID\":\"" + SECRET
                        + "\",\"label\":{\"labels\":null},\"new\":{\"deep\":[{\"x\":1e5}]},\"new\":\"\\ud83d\\ude00\"}",
                "{\"score\":1.5}",
                "{\"new\":\"\\u00\u03657\"}",
                "{\"score\":\"" + SECRET + "\"}",
                "{\"state\":\"" + SECRET + "\",\"a\u017F\":\"\\ud800\"}",
                " null ",
                "[[[[[[[[[[[[" + "[".repeat(60),
                "{\"a\":" + "[".repeat(63) + "]".repeat(63) + "}",
                "\"" + SECRET + "\"",
                "{\"label\":{\"labels\":{\"a\":null}},\"Label\":{\"x\":true,\"labels\":{\"b\":\"1\"}}}");
    }

    @Override
    protected List<String> words() {
        return List.of(
                "\"nodeId\":",
                "\"label\":",
                "\"labels\":",
                "null",
                "true",
                "{}",
                "[]",
                "-0",
                "1e9",
                "\\u0000",
                "\\ud800",
                "\u212A",
                "\u017F",
                ",\"x\":",
                "{\"",
                "\"}",
                "9223372036854775808",
                SECRET);
    }

    @Override
    protected void check(byte[] input) {
        JsonNode seen = asJacksonSeesIt(input);
        NodeStatus status;
        try {
            status = NodeStatusJson.decode(Bytes.copyOf(input));
        } catch (NodeFormatException e) {
            assertClause(e.getMessage());
            assertThat(e).hasNoCause();
            if (seen != null && messageOf(e).startsWith("it is not valid JSON")) {
                fail("Jackson can read it, but: " + e.getMessage());
            }
            return;
        }
        Bytes written = NodeStatusJson.encode(status);
        assertThat(NodeStatusJson.decode(written)).isEqualTo(status);
        assertThat(NodeStatusJson.encode(NodeStatusJson.decode(written))).isEqualTo(written);
        if (status != null && seen != null) {
            assertUnknownFieldsSurvive(seen, written);
            NodeStatus changed = status.withScore(status.score() + 1);
            assertUnknownFieldsSurvive(seen, NodeStatusJson.encode(changed));
        }
    }

    private static void assertUnknownFieldsSurvive(JsonNode seen, Bytes written) {
        JsonNode then = asJacksonSeesIt(written.toByteArray());
        assertThat(then).as("what was written, for Jackson").isNotNull();
        for (Map.Entry<String, JsonNode> field : seen.properties()) {
            String folded =
                    field.getKey().replace('\u017F', 's').replace('\u212A', 'k').toLowerCase(Locale.ROOT);
            // To Go, whose rules count, all that is no text is U+FFFD, and so all such names are one.
            boolean text = field.getKey().codePoints().noneMatch(c -> c == 0xFFFD || c >= 0xD800 && c <= 0xDFFF);
            if (text && !KNOWN.contains(folded)) {
                assertThat(then.get(field.getKey())).as(field.getKey()).isEqualTo(field.getValue());
            }
        }
    }

    /**
     * The document, or null if it is none for Jackson; text that is no UTF-8 is nothing for it. It has to see the same in the bytes and in the
     * text, since it reads bytes as UTF-16 too, and in text takes a letter such as U+0365 for the digit whose low byte it has.
     */
    private static @Nullable JsonNode asJacksonSeesIt(byte[] input) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(input)).toString();
            JsonNode document = JACKSON.readTree(text);
            boolean seen = document != null && !document.isMissingNode() && document.equals(JACKSON.readTree(input));
            return seen ? document : null;
        } catch (IOException e) {
            return null;
        }
    }
}
