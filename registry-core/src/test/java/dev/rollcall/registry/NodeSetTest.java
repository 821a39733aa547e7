package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Key;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeSetTest {
    private static final Liveness CLAIMED = new Liveness(true, Liveness.Reason.CLAIMED);
    private static final Liveness GONE = new Liveness(false, Liveness.Reason.OWNER_GONE);

    private static Node<String> node(String id, long revision, Liveness liveness) {
        return new Node<>("builders", id, "value of " + id, revision, false, liveness, liveness.isAlive());
    }

    private final Node<String> b = node("b", 4, GONE);
    private final Node<String> a = node("a", 3, CLAIMED);
    private final UnreadableEntry bad = new UnreadableEntry(Key.of("/jobs/builders/bad"), 2, 1, "it is torn");
    private final NodeSet<String> nodes = NodeSet.of(7, List.of(b, a), List.of(bad));

    @Test
    void hasWhatItWasMadeOf() {
        assertThat(nodes.revision()).isEqualTo(7);
        assertThat(nodes).containsExactlyInAnyOrder(a, b).hasSize(2);
        assertThat(nodes.sorted()).containsExactly(a, b).isSameAs(nodes.sorted());
        assertThat(nodes.alive()).isEqualTo(1);
        assertThat(nodes.unreadable()).containsExactly(bad);
        assertThat(nodes.get("b")).isSameAs(b);
        assertThat(nodes.get("c")).isNull();
        assertThat(nodes).hasToString("NodeSet[2 nodes, revision 7]");
    }

    @Test
    void containsANodeAsItIsAndNotAnotherOfItsId() {
        assertThat(nodes.contains(node("a", 3, CLAIMED))).isTrue();
        assertThat(nodes.contains(node("a", 5, CLAIMED))).isFalse();
        assertThat(nodes.contains(node("c", 3, CLAIMED))).isFalse();
        Set<?> any = nodes;
        assertThat(any.contains("a")).isFalse();
        assertThat(any.contains(null)).isFalse();
    }

    @Test
    void equalsEverySetOfTheSameNodes() {
        assertThat(nodes)
                .isEqualTo(NodeSet.of(9, List.of(a, b), List.of()))
                .isEqualTo(Set.of(a, b))
                .hasSameHashCodeAs(Set.of(a, b))
                .isNotEqualTo(Set.of(a));
        assertThat(Set.of(a, b)).isEqualTo(nodes);
    }

    @Test
    void cannotBeChanged() {
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> nodes.remove(a));
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> nodes.add(a));
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(nodes::clear);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> nodes.sorted().clear());
        Iterator<Node<String>> all = nodes.iterator();
        all.next();
        all.next();
        assertThat(all.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(all::next);
    }

    @Test
    void oneIdTwiceAndANegativeRevisionAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSet.of(1, List.of(a, node("a", 5, GONE)), List.of()))
                .withMessage("Each id must be there once, but 2 nodes have 1 ids.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSet.of(-1, List.of(a), List.of()))
                .withMessage("A revision is never negative, but this one is -1.");
    }
}
