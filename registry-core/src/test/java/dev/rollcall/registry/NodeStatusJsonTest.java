package dev.rollcall.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.tck.KitSettings;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class NodeStatusJsonTest {
    private static final String REST =
            "\"host\":\"h\",\"state\":\"online\",\"isAlive\":true,\"score\":1,\"label\":null,\"maxCommitTS\":2,\"updateTS\":3";

    static List<String> vectors() throws IOException {
        return lines("status.jsonl");
    }

    /** What TiDB's own registry writes: every state, forms of a label, the ends of the integers, characters of all kinds. */
    static List<String> writtenByGo() throws IOException {
        return lines("written-by-go.jsonl");
    }

    private static List<String> lines(String file) throws IOException {
        try (InputStream in = NodeStatusJsonTest.class.getResourceAsStream("/tidb-binlog/" + file)) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }

    private static NodeStatus decode(String json) {
        return NodeStatusJson.decode(Bytes.ofUtf8(json));
    }

    private static String encode(NodeStatus status) {
        return NodeStatusJson.encode(status).utf8();
    }

    private static NodeStatus.Builder status() {
        return NodeStatus.builder("n", "h");
    }

    @Test
    void thereAreSixVectors() throws IOException {
        assertThat(vectors()).hasSize(6);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vectorsSurviveReadingAndWritingByteForByte(String vector) {
        assertThat(NodeStatusJson.encode(decode(vector))).isEqualTo(Bytes.ofUtf8(vector));
    }

    @ParameterizedTest
    @MethodSource("writtenByGo")
    void whatGoWritesSurvivesReadingAndWriting(String written) {
        String back = encode(decode(written));
        // Go itself writes what it has replaced, bytes that are no UTF-8, as an escape only the first time.
        assertThat(back).isEqualTo(written.replace("\\ufffd", "\ufffd"));
        assertThat(decode(back)).isEqualTo(decode(written));
        assertThat(decode(written).isAlive()).isFalse();
    }

    @Test
    void whatIsBuiltByHandIsWrittenAsTheVector() throws IOException {
        NodeStatus status = NodeStatus.builder("pump-2", "pump-2.binlog.svc:8250")
                .state(NodeState.PAUSED)
                .score(-1)
                .label(NodeLabel.of(Map.of("zone", "eu-1", "rack", "r<7>&co")))
                .maxCommitTs(Long.MAX_VALUE)
                .build();
        assertThat(encode(status)).isEqualTo(vectors().get(1));
        assertThat(decode(vectors().get(1))).isEqualTo(status).hasSameHashCodeAs(status);
    }

    @Test
    void nullDocumentIsNoStatus() {
        assertThat(decode(" null\n")).isNull();
    }

    @Test
    void absentFieldsAreZero() {
        NodeStatus status = decode("{}");
        assertThat(status.nodeId()).isEmpty();
        assertThat(status.state()).isEqualTo(NodeState.UNKNOWN);
        assertThat(status.label()).isEmpty();
        assertThat(status.score()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nodeid", "NODEID", "NodeId", "node\\u0049d"})
    void fieldNamesMatchInAnyCase(String name) {
        assertThat(decode("{\"" + name + "\":\"x\"}").nodeId()).isEqualTo("x");
    }

    @Test
    void fieldNamesFoldAsInGo() {
        assertThat(decode("{\"\u017Fcore\":5,\"\u017Ftate\":\"x\",\"ho\u017Ft\":\"y\"}"))
                .isEqualTo(new NodeStatus.Builder()
                        .score(5)
                        .stateText("x")
                        .host("y")
                        .build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node\u0131d",
                "node\u0130d",
                "h\u00F6st",
                "\uFF4EodeId",
                "nodeId\u0000",
                "node1d",
                "nodeI\u0064\u0307"
            })
    void namesThatOnlyLookAlikeAreUnknown(String name) {
        String json = "{\"nodeId\":\"n\"," + REST + ",\"" + name.replace("\u0000", "\\u0000") + "\":\"x\"}";
        assertThat(decode(json).nodeId()).isEqualTo("n");
        assertThat(encode(decode(json))).isEqualTo(json);
    }

    @Test
    void lastOfSeveralSpellingsWins() {
        assertThat(decode("{\"nodeId\":\"a\",\"NODEID\":\"b\"}").nodeId()).isEqualTo("b");
        assertThat(decode("{\"NODEID\":\"b\",\"nodeId\":\"a\"}").nodeId()).isEqualTo("a");
        assertThat(decode("{\"nodeId\":\"a\",\"nodeId\":null}").nodeId()).isEqualTo("a");
    }

    @Test
    void duplicateLabelsMergeAsInGo() {
        assertThat(decode("{\"label\":{\"labels\":{\"a\":\"1\",\"b\":null}},\"Label\":{\"Labels\":{\"c\":\"2\"}}}")
                        .label())
                .contains(NodeLabel.of(Map.of("a", "1", "b", "", "c", "2")));
        assertThat(decode("{\"label\":{\"labels\":{\"a\":\"1\"}},\"label\":null}")
                        .label())
                .isEmpty();
        assertThat(encode(decode("{\"label\":{\"labels\":{\"a\":\"1\"}},\"label\":{\"labels\":null}}")))
                .contains("\"label\":{\"labels\":null}");
        assertThat(encode(decode("{\"label\":{}}"))).contains("\"label\":{\"labels\":null}");
    }

    @Test
    void unknownFieldsAreKeptBehindTheKnownOnes() {
        String later = "{\"new\": [1, {\"x\":1e400}],\"nodeId\":\"n\"," + REST + ",\"d\\u0065ep\":{\"a\":[]} }";
        assertThat(encode(decode(later).withScore(9)))
                .isEqualTo("{\"nodeId\":\"n\"," + REST.replace("\"score\":1", "\"score\":9")
                        + ",\"new\":[1, {\"x\":1e400}],\"d\\u0065ep\":{\"a\":[]}}");
        assertThat(encode(decode("{\"label\":{\"more\":1,\"labels\":{}}}")))
                .contains("\"label\":{\"labels\":{},\"more\":1}");
    }

    @Test
    void unknownFieldsWithOneNameAreOne() {
        assertThat(encode(decode("{\"x\":1,\"y\":2,\"\\u0078\":3}"))).endsWith(",\"\\u0078\":3,\"y\":2}");
    }

    @Test
    void unknownStateIsReadableAndKept() {
        NodeStatus status = decode("{\"nodeId\":\"n\"," + REST.replace("online", "draining") + "}");
        assertThat(status.state()).isEqualTo(NodeState.UNKNOWN);
        assertThat(status.stateText()).isEqualTo("draining");
        assertThat(encode(status.withAlive(false))).contains("\"state\":\"draining\"");
        assertThat(encode(status.withState(NodeState.PAUSED))).contains("\"state\":\"paused\"");
        assertThatIllegalArgumentException().isThrownBy(() -> status.withState(NodeState.UNKNOWN));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "0 \\u0000",
                "8 \\u0008",
                "9 \\t",
                "10 \\n",
                "12 \\u000c",
                "13 \\r",
                "31 \\u001f",
                "34 \\\"",
                "60 \\u003c",
                "62 \\u003e",
                "38 \\u0026",
                "92 \\\\",
                "8232 \\u2028",
                "8233 \\u2029",
                "55296 \\ufffd",
                "56320 \\ufffd"
            })
    void charactersAreEscapedAsGoDoes(int c, String escaped) {
        assertThat(encode(status().host("a" + (char) c + "b").build())).contains("\"host\":\"a" + escaped + "b\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {0x20, 0x2F, 0x7F, 0x80, 0x7FF, 0x2027, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF})
    void charactersThatGoLeavesAloneSurvive(int point) {
        NodeStatus status = status().host("a" + Character.toString(point)).build();
        assertThat(encode(status)).contains("\"host\":\"a" + Character.toString(point) + "\"");
        assertThat(NodeStatusJson.decode(NodeStatusJson.encode(status))).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "\u0080,\uFFFD",
        "\u00FF,\uFFFD",
        "\u00C0\u0080,\uFFFD\uFFFD",
        "\u00E2\u0082,\uFFFD\uFFFD",
        "\u00E2\u0082\u00AC,\u20AC",
        "\u00ED\u00A0\u0080,\uFFFD\uFFFD\uFFFD",
        "\u00F4\u0090\u0080\u0080,\uFFFD\uFFFD\uFFFD\uFFFD",
        "\u00F0\u009F\u0098\u0080,\uD83D\uDE00"
    })
    void malformedUtf8IsReadAsGoDoes(String latin1, String text) {
        byte[] json = ("{\"host\":\"" + latin1 + "\"}").getBytes(ISO_8859_1);
        assertThat(NodeStatusJson.decode(Bytes.unsafeWrap(json)).host()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "\\ud83d\\ude00,\uD83D\uDE00",
        "\\ud83d,\uFFFD",
        "\\ude00,\uFFFD",
        "\\ud83dx,\uFFFDx",
        "\\ud83d\\u0041,\uFFFDA",
        "\\ud83d\\ud83d\\ude00,\uFFFD\uD83D\uDE00",
        "\\/\\b\\f.,/\b\f."
    })
    void escapesAreReadAsGoDoes(String json, String text) {
        assertThat(decode("{\"host\":\"" + json + "\"}").host()).isEqualTo(text);
    }

    @Test
    void labelsAreSortedByBytesAndNotByChars() {
        // U+1F600 is written with surrogates, which Java sorts before U+FF21, but has the greater bytes.
        NodeStatus status = status().label(NodeLabel.of(Map.of("\uD83D\uDE00", "2", "\uFF21", "1", "a", "0")))
                .build();
        assertThat(encode(status)).contains("{\"a\":\"0\",\"\uFF21\":\"1\",\"\uD83D\uDE00\":\"2\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[]",
                "\"x\"",
                "5",
                "true",
                "nul",
                "null null",
                "{}x",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{,}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":01}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":+1}",
                "{\"a\":1e}",
                "{\"a\":-}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"",
                "{\"a\":[1,]}",
                "{\"a\":tru}",
                "{\"nodeId\":5}",
                "{\"nodeId\":{}}",
                "{\"isAlive\":1}",
                "{\"isAlive\":\"true\"}",
                "{\"score\":\"1\"}",
                "{\"score\":1.0}",
                "{\"score\":1e3}",
                "{\"score\":9223372036854775808}",
                "{\"updateTS\":-9223372036854775809}",
                "{\"maxCommitTS\":99999999999999999999999999999999}",
                "{\"label\":[]}",
                "{\"label\":{\"labels\":[]}}",
                "{\"label\":{\"labels\":{\"a\":1}}}",
                "/**/{}",
                "\uFEFF{}"
            })
    void whatGoRefusesIsRefused(String json) {
        assertThatExceptionOfType(NodeFormatException.class).isThrownBy(() -> decode(json));
    }

    @Test
    void reasonsAreClearAndQuoteNoValue() {
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> decode("{\"score\":92233720368547758080}"))
                .withMessage("the field 'score' is not a whole number of 64 bits");
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> decode("{\"host\":\"secret}"))
                .withMessage("it is not valid JSON: a string does not end at byte 16");
    }

    @Test
    void limitsOfLongsAreRead() {
        NodeStatus status =
                decode("{\"score\":-9223372036854775808,\"updateTS\":9223372036854775807,\"maxCommitTS\":-0}");
        assertThat(status.score()).isEqualTo(Long.MIN_VALUE);
        assertThat(status.updateTs()).isEqualTo(Long.MAX_VALUE);
        assertThat(status.maxCommitTs()).isZero();
    }

    @Test
    void depthIsLimited() {
        assertThat(decode("{\"x\":" + "[".repeat(63) + "]".repeat(63) + "}")).isNotNull();
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> decode("{\"x\":" + "[".repeat(64) + "]".repeat(64) + "}"))
                .withMessageContaining("deeper than 64");
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> decode("{\"x\":" + "[{\"a\":".repeat(80_000)));
    }

    @Test
    void sizeIsLimited() {
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> decode("{\"x\":\"" + "a".repeat(512 * 1024) + "\"}"))
                .withMessageContaining("limit of 524288");
    }

    @Test
    void randomDamageIsEitherReadOrRefused() throws IOException {
        Random random = KitSettings.fromEnvironment().random("damage");
        for (String vector : vectors()) {
            for (int i = 0; i < 20_000; i++) {
                byte[] json = vector.getBytes(UTF_8);
                for (int hits = random.nextInt(3); hits >= 0; hits--) {
                    json[random.nextInt(json.length)] = (byte) random.nextInt(256);
                }
                readOrRefuse(Bytes.unsafeWrap(json));
                readOrRefuse(Bytes.ofUtf8(vector.substring(0, random.nextInt(vector.length()))));
            }
        }
    }

    private static void readOrRefuse(Bytes json) {
        NodeStatus status;
        try {
            status = NodeStatusJson.decode(json);
        } catch (NodeFormatException e) {
            return;
        }
        Bytes written = NodeStatusJson.encode(status);
        assertThat(NodeStatusJson.decode(written)).isEqualTo(status);
        assertThat(NodeStatusJson.encode(NodeStatusJson.decode(written))).isEqualTo(written);
    }
}
