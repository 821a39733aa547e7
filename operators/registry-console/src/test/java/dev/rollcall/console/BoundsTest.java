package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.registry.Liveness;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeChange;
import dev.rollcall.registry.NodeLayout;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is remembered is bounded, and what a key stands for is told by its name. */
class BoundsTest {
    private static final Instant START = Instant.parse("2026-11-28T10:00:00Z");

    private static Node<NodeRecord> node(String id, long revision) {
        return new Node<>(
                "k",
                id,
                new NodeRecord(Bytes.ofUtf8("{\"n\":" + revision + "}"), null),
                revision,
                false,
                new Liveness(true, Liveness.Reason.CLAIMED),
                true);
    }

    private static NodeChange<NodeRecord> change(
            String id, @Nullable Node<NodeRecord> before, @Nullable Node<NodeRecord> after) {
        return new NodeChange<>(id, before, after);
    }

    private static ArrayNode story(NodeStories stories, String id) {
        ArrayNode story = ConsoleJson.MAPPER.createArrayNode();
        stories.put(id, story);
        return story;
    }

    @Test
    void storyOfOneNodeKeepsItsEnd() {
        NodeStories stories = new NodeStories();
        stories.add(change("a", null, node("a", 1)), 1, START);
        for (int i = 1; i < 1_000; i++) {
            stories.add(change("a", node("a", i), node("a", i + 1)), i + 1, START);
        }
        assertThat(story(stories, "a")).hasSize(NodeStories.MOST_OF_A_NODE);
        assertThat(story(stories, "a")
                        .get(NodeStories.MOST_OF_A_NODE - 1)
                        .path("text")
                        .asText())
                .isEqualTo("n: 999 → 1000");
    }

    @Test
    void storiesOfAllForgetWhoChangedLongestAgo() {
        NodeStories stories = new NodeStories();
        for (int i = 0; i <= NodeStories.MOST_OF_ALL; i++) {
            stories.add(change("n-" + i, null, node("n-" + i, i + 1)), i + 1, START);
        }
        assertThat(stories.size()).isEqualTo(NodeStories.MOST_OF_ALL);
        assertThat(story(stories, "n-0")).isEmpty();
        assertThat(story(stories, "n-1")).hasSize(1);
    }

    @Test
    void nodeThatReturnsIsToldFromANewOne() {
        NodeStories stories = new NodeStories();
        stories.add(change("a", node("a", 1), null), 2, START);
        stories.add(change("a", null, node("a", 3)), 3, START);
        assertThat(story(stories, "a").findValuesAsText("type")).containsExactly("gone", "back");
    }

    @Test
    void chartKeepsItsLengthAndItsEnds() {
        AliveHistory history = new AliveHistory();
        for (int i = 0; i < 10_000; i++) {
            history.add(START.plusSeconds(2L * i), i, i);
        }
        assertThat(history.size()).isLessThanOrEqualTo(AliveHistory.MOST_POINTS);
        ArrayNode points = ConsoleJson.MAPPER.createArrayNode();
        history.put(points);
        assertThat(points.get(0).get(1).asInt()).isZero();
        assertThat(points.get(points.size() - 1).get(1).asInt()).isEqualTo(9_999);
    }

    @Test
    void changesWithinASecondAreOnePoint() {
        AliveHistory history = new AliveHistory();
        history.add(START, 1, 1);
        history.add(START.plusSeconds(5), 2, 2);
        history.add(START.plusSeconds(5).plusMillis(300), 3, 3);
        assertThat(history.size()).isEqualTo(2);
        ArrayNode points = ConsoleJson.MAPPER.createArrayNode();
        history.put(points);
        assertThat(points.get(1).get(1).asInt()).isEqualTo(3);
    }

    private static ObjectNode value(String text) {
        ObjectNode value = ConsoleJson.object();
        ConsoleJson.putValue(value, Bytes.ofUtf8(text));
        return value;
    }

    @Test
    void valueThatIndentingWouldMakeHugeIsGivenAsItIs() {
        String deep = "[".repeat(900) + "1,".repeat(250_000) + "1" + "]".repeat(900);
        assertThat(value(deep).path("json").asText()).isEqualTo(deep);
        assertThat(value("[[1]]").path("json").asText()).isEqualTo("[\n  [\n    1\n  ]\n]");
    }

    @Test
    void valueThatOnlyLooksLikeJsonIsText() {
        for (String hostile : List.of(
                "1e99999999999",
                "{\"score\":-1e-99999999999}",
                "9".repeat(5_000),
                "{\"a\":",
                "[".repeat(200_000),
                "\u0000",
                "{\"a\":1}{\"b\":2}")) {
            assertThat(value(hostile).path("text").asText()).isEqualTo(hostile);
            NodeRecord record = new NodeRecord(Bytes.ofUtf8(hostile), null);
            record.summarize(ConsoleJson.object());
            assertThat(record.differences(new NodeRecord(Bytes.ofUtf8("{\"score\":1e3}"), null)))
                    .isNotEmpty();
        }
    }

    @Test
    void keysTellWhichKindTheyStandFor() {
        KindDiscovery discovery = new KindDiscovery(Map.of(Directory.of("/own"), NodeLayout.BY_KIND));
        assertThat(discovery.kindOf("/tidb-binlog/v1/pumps/x"))
                .contains(new KindId(Directory.of("/tidb-binlog/v1"), NodeLayout.TIDB_BINLOG, "pumps"));
        assertThat(discovery.kindOf("/r/.rollcall/alive/pumps/x"))
                .contains(new KindId(Directory.of("/r"), NodeLayout.TIDB_BINLOG, "pumps"));
        assertThat(discovery.kindOf("/.rollcall/kept/pumps/x"))
                .contains(new KindId(Directory.ROOT, NodeLayout.TIDB_BINLOG, "pumps"));
        assertThat(discovery.kindOf("/jobs/workers/alive/w"))
                .contains(new KindId(Directory.of("/jobs"), NodeLayout.BY_KIND, "workers"));
        assertThat(discovery.kindOf("/own/things/nodes/t"))
                .contains(new KindId(Directory.of("/own"), NodeLayout.BY_KIND, "things"));
        for (String none :
                new String[] {"/a", "/a/b/c", "/alive/x", "/jobs/workers/nodes/w", "/tidb-binlog/v1/a/b/c"}) {
            assertThat(discovery.kindOf(none)).as(none).isEqualTo(Optional.empty());
        }
    }
}
