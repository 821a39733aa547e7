package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentMapTest {
    /** Keys of which many share a hash: "Aa" and "BB" do. */
    private static String key(int number) {
        StringBuilder key = new StringBuilder();
        for (int bits = number; bits > 0; bits >>>= 1) {
            key.append((bits & 1) == 0 ? "Aa" : "BB");
        }
        return number % 3 == 0 ? key.toString() : "node-" + number;
    }

    /** Keys whose hashes differ beyond the low ten bits only, so that they share two branches with a single child. */
    @Test
    void branchesWithOneChildKeepTheirDepth() {
        List<String> near = IntStream.range(0, 1_000_000)
                .mapToObj(i -> "n" + i)
                .filter(key -> (PersistentMap.hash(key) & 1023) == 7)
                .limit(40)
                .toList();
        PersistentMap<Integer> map = PersistentMap.empty();
        for (int i = 0; i < near.size(); i++) {
            map = map.with(near.get(i), i);
        }
        for (int i = 0; i < near.size(); i++) {
            map = map.without(near.get(i));
            assertThat(map.size()).isEqualTo(near.size() - i - 1);
            for (int j = 0; j < near.size(); j++) {
                assertThat(map.get(near.get(j))).isEqualTo(j <= i ? null : Integer.valueOf(j));
            }
        }
    }

    private static <V> Map<String, V> copy(PersistentMap<V> map) {
        Map<String, V> copy = new HashMap<>();
        map.keys(key -> copy.put(key, map.get(key)));
        return copy;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void behavesAsAHashMapAndLeavesOldCopiesAlone(int run) {
        Random random = KitSettings.fromEnvironment().random("map " + run);
        Map<String, Integer> model = new HashMap<>();
        PersistentMap<Integer> map = PersistentMap.empty();
        List<PersistentMap<Integer>> maps = new ArrayList<>();
        List<Map<String, Integer>> models = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            String key = key(random.nextInt(600));
            if (random.nextInt(5) < 2) {
                map = map.without(key);
                model.remove(key);
            } else {
                map = map.with(key, i);
                model.put(key, i);
            }
            assertThat(map.size()).isEqualTo(model.size());
            if (i % 1000 == 0) {
                maps.add(map);
                models.add(new HashMap<>(model));
            }
        }
        for (int i = 0; i < maps.size(); i++) {
            assertThat(copy(maps.get(i))).isEqualTo(models.get(i));
            List<Integer> values = new ArrayList<>();
            maps.get(i).values().forEachRemaining(values::add);
            assertThat(values).containsExactlyInAnyOrderElementsOf(models.get(i).values());
            checkDiff(maps.get(0), maps.get(i));
            checkDiff(maps.get(i), maps.get(0));
        }
    }

    private static void checkDiff(PersistentMap<Integer> before, PersistentMap<Integer> after) {
        Map<String, Integer> patched = copy(before);
        PersistentMap.diff(before, after, (key, was, is) -> {
            assertThat(was).isEqualTo(before.get(key)).isNotEqualTo(is);
            if (is == null) {
                patched.remove(key);
            } else {
                patched.put(key, is);
            }
        });
        assertThat(patched).isEqualTo(copy(after));
    }

    @Test
    void diffOfCopiesLooksAtWhatHasChangedOnly() {
        PersistentMap<Integer> large = PersistentMap.empty();
        for (int i = 0; i < 100_000; i++) {
            large = large.with("node-" + i, i);
        }
        PersistentMap<Integer> changed =
                large.with("node-5", -5).without("node-6").with("new", 1);
        List<String> found = new ArrayList<>();
        PersistentMap.diff(large, changed, (key, was, is) -> found.add(key + ":" + was + "->" + is));
        assertThat(found).containsExactlyInAnyOrder("node-5:5->-5", "node-6:6->null", "new:null->1");
    }

    @Test
    void removingEverythingLeavesNothing() {
        PersistentMap<Integer> map =
                PersistentMap.<Integer>empty().with("Aa", 1).with("BB", 2);
        assertThat(map.get("Aa")).isEqualTo(1);
        assertThat(map.without("Aa").get("Aa")).isNull();
        assertThat(map.without("Aa").without("BB").values()).isExhausted();
        assertThat(map.without("C#")).isSameAs(map);
    }
}
