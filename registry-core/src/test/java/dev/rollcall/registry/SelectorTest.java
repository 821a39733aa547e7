package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
    private static Node<NodeStatus> node(NodeStatus status, boolean alive) {
        return new Node<>(
                "pumps",
                status.nodeId(),
                status,
                1,
                false,
                new Liveness(alive, Liveness.Reason.UNCLAIMED),
                alive && status.state() == NodeState.ONLINE);
    }

    private static NodeStatus status(String id, long score) {
        return NodeStatus.builder(id, id + ":1").score(score).build();
    }

    private static List<Node<NodeStatus>> nodes(int count, IntFunction<NodeStatus> status) {
        return IntStream.range(0, count)
                .mapToObj(i -> node(status.apply(i), true))
                .sorted(Comparator.comparing(Node::nodeId))
                .toList();
    }

    private static List<Node<NodeStatus>> nodes(int count) {
        return nodes(count, i -> status("node-" + i, 0));
    }

    private static List<Node<NodeStatus>> without(List<Node<NodeStatus>> nodes, String id) {
        return nodes.stream().filter(node -> !node.nodeId().equals(id)).toList();
    }

    private static String pick(Selector<NodeStatus> selector, List<Node<NodeStatus>> nodes, String key) {
        return selector.select(nodes, key).orElseThrow().nodeId();
    }

    private static Map<String, Integer> count(Selector<NodeStatus> selector, List<Node<NodeStatus>> nodes, int picks) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            counts.merge(pick(selector, nodes, "key-" + i), 1, Integer::sum);
        }
        return counts;
    }

    private static Stream<Selector<NodeStatus>> all() {
        return Stream.of(
                Selector.roundRobin(),
                Selector.rendezvousHash(),
                Selector.score(),
                Selector.sticky(Selector.roundRobin()),
                Selector.<NodeStatus>roundRobin().filter(NodeFilters.alive()),
                Selector.<NodeStatus>rendezvousHash().then(Selector.score()));
    }

    @Test
    void nothingToPickIsNoError() {
        assertThat(all())
                .allSatisfy(selector ->
                        assertThat(selector.select(List.of(), "key")).isEmpty());
    }

    @Test
    void unknownLabelIsNoNode() {
        assertThat(all())
                .allSatisfy(selector -> assertThat(selector.filter(NodeFilters.labelled("zone", "z"))
                                .select(nodes(3), "key"))
                        .isEmpty());
    }

    @Test
    void rangeTakesOneAfterAnother() {
        Selector<NodeStatus> range = Selector.roundRobin();
        List<Node<NodeStatus>> nodes = nodes(3);
        assertThat(Stream.generate(() -> pick(range, nodes, "")).limit(7))
                .containsExactly("node-0", "node-1", "node-2", "node-0", "node-1", "node-2", "node-0");
        // Neither twice nor skipped because others come and go.
        assertThat(pick(range, without(nodes, "node-0"), "")).isEqualTo("node-1");
        assertThat(pick(range, nodes(5), "")).isEqualTo("node-2");
        assertThat(pick(range, nodes(5), "")).isEqualTo("node-3");
        assertThat(pick(range, nodes, "")).isEqualTo("node-0");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 50})
    void hashSpreadsKeysEvenly(int n) {
        int keys = 2_000 * n;
        // Five standard deviations of a fair coin with n sides.
        int bound = (int) (5 * Math.sqrt(2_000));
        assertThat(count(Selector.rendezvousHash(), nodes(n), keys).values())
                .hasSize(n)
                .allSatisfy(got -> assertThat(got).isCloseTo(2_000, within(bound)));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 50})
    void nodeThatGoesOrComesMovesNoOtherKeys(int n) {
        Selector<NodeStatus> hash = Selector.rendezvousHash();
        List<Node<NodeStatus>> all = nodes(n);
        List<Node<NodeStatus>> fewer = without(all, "node-1");
        int keys = 2_000 * n;
        int moved = 0;
        Map<String, Integer> heirs = new HashMap<>();
        for (int i = 0; i < keys; i++) {
            String before = pick(hash, all, "k" + i);
            String after = pick(hash, fewer, "k" + i);
            if (before.equals("node-1")) {
                moved++;
                heirs.merge(after, 1, Integer::sum);
            } else {
                assertThat(after).isEqualTo(before);
            }
        }
        assertThat(moved).isCloseTo(2_000, within((int) (5 * Math.sqrt(2_000))));
        assertThat(heirs).hasSize(n - 1);
    }

    @Test
    void hashIsTheSameInEveryVersion() {
        // From the definitions: FNV-1a of no bytes is its start, SplitMix64 of state 0 has this first output.
        assertThat(RendezvousSelector.hash("")).isEqualTo(0xcbf29ce484222325L);
        assertThat(RendezvousSelector.mix(0x9e3779b97f4a7c15L)).isEqualTo(0xe220a8397b1dcdafL);
        assertThat(IntStream.range(0, 8).mapToObj(i -> pick(Selector.rendezvousHash(), nodes(4), "key-" + i)))
                // Worked out by another program from the definition.
                .containsExactly("node-0", "node-2", "node-1", "node-0", "node-2", "node-1", "node-2", "node-3");
    }

    @Test
    void namesOfTidbMeanTheSame() {
        List<Node<NodeStatus>> nodes = nodes(5);
        assertThat(count(Selector.range(), nodes, 10)).isEqualTo(count(Selector.roundRobin(), nodes, 10));
        assertThat(count(Selector.hash(), nodes, 100)).isEqualTo(count(Selector.rendezvousHash(), nodes, 100));
        List<Node<NodeStatus>> one = List.of(nodes.get(0), node(status("node-9", 5), true));
        assertThat(count(Selector.score(), one, 100)).isEqualTo(count(Selector.weighted(NodeStatus::score), one, 100));
    }

    @Test
    void scoreWeighs() {
        List<Node<NodeStatus>> nodes =
                nodes(5, i -> status("node-" + i, List.of(-5, 0, 1, 3, 6).get(i)));
        Map<String, Integer> counts =
                count(Selector.weighted(NodeStatus::score, new SplittableRandom(1)), nodes, 10_000);
        assertThat(counts).containsOnlyKeys("node-2", "node-3", "node-4");
        assertThat(counts.get("node-2")).isCloseTo(1_000, within(150));
        assertThat(counts.get("node-3")).isCloseTo(3_000, within(250));
        assertThat(counts.get("node-4")).isCloseTo(6_000, within(250));
    }

    @Test
    void scoreIsTheSameWithTheSameSeed() {
        List<Node<NodeStatus>> nodes = nodes(5, i -> status("node-" + i, i));
        assertThat(count(Selector.weighted(NodeStatus::score, new SplittableRandom(7)), nodes, 100))
                .isEqualTo(count(Selector.weighted(NodeStatus::score, new SplittableRandom(7)), nodes, 100));
    }

    @Test
    void scoresThatOverflowTogetherAreWeighedAllTheSame() {
        List<Node<NodeStatus>> nodes = nodes(10, i -> status("node-" + i, Long.MAX_VALUE));
        assertThat(count(Selector.weighted(NodeStatus::score, new SplittableRandom(2)), nodes, 10_000)
                        .values())
                .hasSize(10)
                .allSatisfy(got -> assertThat(got).isCloseTo(1_000, within(150)));
        List<Node<NodeStatus>> mixed = nodes(2, i -> status("node-" + i, i == 0 ? Long.MIN_VALUE : Long.MAX_VALUE));
        assertThat(count(Selector.score(), mixed, 1_000)).containsOnlyKeys("node-1");
    }

    @Test
    void scoresOfZeroShareAndThoseBelowNeverGetAny() {
        List<Node<NodeStatus>> nodes = nodes(4, i -> status("node-" + i, i == 0 ? -1 : 0));
        assertThat(count(Selector.weighted(NodeStatus::score, new SplittableRandom(3)), nodes, 3_000))
                .containsOnlyKeys("node-1", "node-2", "node-3")
                .allSatisfy((id, got) -> assertThat(got).isCloseTo(1_000, within(150)));
        assertThat(Selector.score().select(nodes(3, i -> status("node-" + i, -1)), ""))
                .isEmpty();
    }

    @Test
    void labelsAndLifeFilter() {
        NodeStatus inA = status("a", 0).toBuilder()
                .label(NodeLabel.of(Map.of("zone", "a")))
                .build();
        List<Node<NodeStatus>> nodes = List.of(
                node(inA, true),
                node(inA.toBuilder().nodeId("b").build(), false),
                node(inA.toBuilder().nodeId("c").state(NodeState.PAUSED).build(), true),
                node(status("d", 0), true));
        Selector<NodeStatus> range = Selector.roundRobin();
        assertThat(count(range.filter(NodeFilters.labelled("zone", "a")), nodes, 9))
                .containsOnlyKeys("a", "b", "c");
        assertThat(count(range.filter(NodeFilters.alive()), nodes, 9)).containsOnlyKeys("a", "c", "d");
        assertThat(count(
                        range.filter(NodeFilters.labelled("zone", "a"))
                                .and(NodeFilters.<NodeStatus>alive().and(NodeFilters.online())),
                        nodes,
                        9))
                .containsOnlyKeys("a");
        assertThat(count(range.filter(NodeFilters.labelled("zone", "x")).then(Selector.roundRobin()), nodes, 9))
                .hasSize(4);
    }

    @Test
    void stickyFallsOverAndStaysThere() {
        Selector<NodeStatus> sticky = Selector.sticky(Selector.roundRobin());
        List<Node<NodeStatus>> nodes = nodes(3);
        assertThat(pick(sticky, nodes, "x")).isEqualTo("node-0");
        assertThat(pick(sticky, nodes, "y")).isEqualTo("node-1");
        assertThat(pick(sticky, nodes, "x")).isEqualTo("node-0");
        assertThat(pick(sticky, without(nodes, "node-0"), "x")).isEqualTo("node-2");
        assertThat(pick(sticky, nodes, "x")).isEqualTo("node-2");
        assertThat(pick(sticky, nodes, "y")).isEqualTo("node-1");
    }

    @Test
    void stickyRemembersABoundedNumberOfKeys() {
        Selector<NodeStatus> sticky = Selector.sticky(Selector.roundRobin(), 2);
        List<String> picked = new ArrayList<>();
        for (String key : List.of("x", "y", "x", "z", "x", "y")) {
            picked.add(pick(sticky, nodes(9), key));
        }
        assertThat(picked).containsExactly("node-0", "node-1", "node-0", "node-2", "node-0", "node-3");
        assertThatThrownBy(() -> Selector.sticky(Selector.roundRobin(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void selectorOfOnesOwnIsAFunction() {
        Selector<NodeStatus> last = (candidates, key) ->
                candidates.isEmpty() ? Optional.empty() : Optional.of(candidates.get(candidates.size() - 1));
        assertThat(pick(last.filter(NodeFilters.alive()), nodes(3), "")).isEqualTo("node-2");
    }
}
