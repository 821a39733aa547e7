package dev.rollcall.inmemory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentTreeTest {
    private static List<Integer> range(PersistentTree<Integer> tree, String from, String to) {
        List<Integer> found = new ArrayList<>();
        tree.forEach(from, to, found::add);
        return found;
    }

    private static String key(int i) {
        return String.format("/k%06d", i);
    }

    @Test
    void emptyTreeHoldsNothing() {
        PersistentTree<Integer> tree = PersistentTree.empty();
        assertThat(tree.get("/a")).isNull();
        assertThat(tree.size()).isZero();
        assertThat(tree.remove("/a")).isSameAs(tree);
        assertThat(range(tree, "", "~")).isEmpty();
    }

    @Test
    void changeLeavesTheEarlierTreeAsItWas() {
        PersistentTree<Integer> before =
                PersistentTree.<Integer>empty().put("/a", 1).put("/b", 2);
        PersistentTree<Integer> after = before.put("/a", 3).remove("/b").put("/c", 4);
        assertThat(range(before, "", "~")).containsExactly(1, 2);
        assertThat(range(after, "", "~")).containsExactly(3, 4);
    }

    @Test
    void removalOfAbsentKeyGivesTheSameTree() {
        PersistentTree<Integer> tree = PersistentTree.<Integer>empty().put("/b", 2);
        assertThat(tree.remove("/a")).isSameAs(tree);
        assertThat(tree.remove("/c")).isSameAs(tree);
    }

    @Test
    void ascendingKeysFillTheirLeaves() {
        PersistentTree<Integer> tree = PersistentTree.empty();
        int leaves = PersistentTree.WIDTH * PersistentTree.WIDTH;
        for (int i = 0; i < leaves; i++) {
            tree = tree.put(key(i), i);
        }
        tree.check();
        assertThat(tree.depth()).isEqualTo(1);
    }

    @Test
    void descendingKeysKeepTheTreeFlat() {
        PersistentTree<Integer> tree = PersistentTree.empty();
        for (int i = 100_000; i > 0; i--) {
            tree = tree.put(key(i), i);
        }
        tree.check();
        assertThat(tree.size()).isEqualTo(100_000);
        assertThat(tree.depth()).isLessThanOrEqualTo(4);
        for (int i = 1; i <= 100_000; i++) {
            tree = tree.remove(key(i));
        }
        assertThat(tree).isSameAs(PersistentTree.empty());
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 60, 1_000, 40_000})
    void behavesAsATreeMap(int keys) {
        Random random = KitSettings.fromEnvironment().random("tree of " + keys);
        TreeMap<String, Integer> model = new TreeMap<>();
        PersistentTree<Integer> tree = PersistentTree.empty();
        for (int step = 0; step < 60_000; step++) {
            String key = key(random.nextInt(keys));
            // Grows for a while, then shrinks, then again, so that splits and merges take turns.
            boolean growing = (step / 15_000) % 2 == 0;
            if (random.nextInt(10) < (growing ? 8 : 2)) {
                model.put(key, step);
                tree = tree.put(key, step);
            } else {
                model.remove(key);
                tree = tree.remove(key);
            }
            String probe = key(random.nextInt(keys));
            assertThat(tree.get(probe)).isEqualTo(model.get(probe));
            if (step % 997 == 0) {
                tree.check();
                String from = key(random.nextInt(keys));
                String to = key(random.nextInt(keys));
                assertThat(range(tree, from, to))
                        .containsExactlyElementsOf(
                                from.compareTo(to) < 0 ? model.subMap(from, to).values() : List.of());
            }
        }
        tree.check();
        assertThat(range(tree, "", "~")).containsExactlyElementsOf(model.values());
    }
}
