package dev.rollcall.tck.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.fuzz.Refusals;
import java.util.List;

/** Files of histories, which people may have edited. */
class HistoryFuzzTest extends FuzzTarget {
    private static final String OPERATIONS = "{\"format\":1,\"operations\":[%s],\"watches\":[%s],\"marks\":[%s]}";
    private static final String TIMES = "\"called\":[10,1],\"returned\":[20,2]";

    private static byte[] history(String operation, String watch, String mark) {
        return String.format(OPERATIONS, operation, watch, mark).getBytes(UTF_8);
    }

    private static byte[] operation(String call, String result) {
        return history(
                "{\"id\":1,\"client\":\"c\"," + TIMES + ",\"call\":{" + call + "},\"result\":{" + result + "}}",
                "",
                "");
    }

    private static byte[] watch(String delivery) {
        return history(
                "",
                "{\"id\":1,\"client\":\"c\",\"directory\":\"/\",\"start\":\"SNAPSHOT\",\"after\":0,\"owed\":3,\"opened\":[1,1],\"closed\":[9,9],"
                        + "\"deliveries\":[{\"at\":[2,2]," + delivery + "}]}",
                "");
    }

    @Override
    protected List<byte[]> seeds() {
        return List.of(
                operation(
                        "\"get\":\"/a\",\"consistency\":\"LINEARIZABLE\"",
                        "\"type\":\"got\",\"revision\":3,\"entry\":{\"key\":\"/a\",\"value\":\"v\",\"revision\":2,\"leased\":true}"),
                operation(
                        "\"list\":\"/\",\"consistency\":\"SEQUENTIAL\"",
                        "\"type\":\"listed\",\"revision\":3,\"entries\":[]"),
                operation("\"keys\":\"/\"", "\"type\":\"keys\",\"revision\":3,\"keys\":[\"/a\"]"),
                operation("\"children\":\"/\"", "\"type\":\"children\",\"names\":[\"a\"]"),
                operation(
                        "\"commit\":{\"if\":[{\"revision\":2,\"key\":\"/a\"},{\"present\":true,\"key\":\"/b\"}],\"then\":[{\"put\":\"/a\",\"value\":\"v\","
                                + "\"lease\":\"l\"},{\"delete\":\"/b\"}]}",
                        "\"type\":\"conditionFailed\",\"condition\":0,\"actual\":7"),
                operation("\"commit\":{\"if\":[],\"then\":[]}", "\"type\":\"committed\",\"revision\":4"),
                operation("\"keys\":\"/\"", "\"type\":\"unknown\",\"reason\":\"r\""),
                operation("", "\"type\":\"pending\""),
                watch("\"revision\":3,\"snapshot\":[{\"key\":\"/a\",\"value\":\"v\",\"revision\":3}]"),
                watch(
                        "\"revision\":3,\"changes\":[{\"deleted\":\"/a\",\"revision\":3},{\"key\":\"/b\",\"value\":\"\",\"revision\":3}]"),
                watch("\"end\":null"),
                history("", "", "{\"text\":\"cut\",\"from\":[1,1],\"until\":[2,2]}"),
                "{\"format\":2}".getBytes(UTF_8),
                new byte[0]);
    }

    @Override
    protected List<String> words() {
        return List.of("null", "{}", "[]", "[[", "1e99", "\"\"", "\"/\"", "\"x\"", "{\"", "\"key\":", "\"revision\":");
    }

    @Override
    protected void check(byte[] input) {
        History history;
        try {
            history = HistoryJson.fromJson(new String(input, UTF_8));
        } catch (IllegalArgumentException e) {
            Refusals.assertSentence(e);
            return;
        }
        assertThat(HistoryJson.fromJson(HistoryJson.toJson(history))).isEqualTo(history);
    }
}
