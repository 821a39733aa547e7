package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.WatchStart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Names of directories: a store without directories makes a pattern, a range or a column of each, in which some characters may have a special meaning. Keys
 * alone do not show that, since a key is compared as a whole.
 */
public interface DirectoryNameContract extends Contract {
    /** If this fails: the name goes into a {@code LIKE}, a glob or a regular expression as it is. */
    @Test
    @Rule("KEY-4")
    default void wildcardsInTheNameOfADirectoryStandForThemselves(Kit kit) {
        apart(
                kit,
                List.of(
                        "a", "ab", "abc", "b", "a%", "a_", "%", "_", "a*", "a?", "*", "?", "[ab]", "a[b]c", "{a,b}",
                        "a.c", "a.", ".*", "a\\%", "a\\", "(a|b)", "^a", "a$", "a+", "'", "a''", "a--", "a;b"));
    }

    /** If this fails: the store compares by a collation, or something normalises names; both find the neighbour as well. */
    @Test
    @Rule({"KEY-4", "KEY-3"})
    default void directoriesThatDifferInCaseOrFormAreDifferent(Kit kit) {
        apart(
                kit,
                List.of(
                        "node",
                        "nodes",
                        "Node",
                        "NODE",
                        "stra\u00dfe",
                        "strasse",
                        "i",
                        "I",
                        "\u0130",
                        "\u0131",
                        "\u00e9",
                        "e\u0301",
                        "e",
                        "\u00c5",
                        "A\u030a",
                        "\u212b",
                        "K",
                        "\u212a",
                        "fi",
                        "\ufb01",
                        "a",
                        "\uff41",
                        "a ",
                        " a",
                        "a\u00a0",
                        "1",
                        "01",
                        "\u0661"));
    }

    /** If this fails: a column, an index or a buffer keeps the first bytes of a name, and takes those for the whole. */
    @Test
    @Rule({"KEY-4", "KEY-3"})
    default void directoriesWithLongNamesAreToldApartToTheLastCharacter(Kit kit) {
        String hundred = "p".repeat(100);
        String many = "q".repeat(260);
        String wide = "\u4e2d".repeat(100);
        String deep = "d/".repeat(130);
        apart(
                kit,
                List.of(
                        hundred,
                        hundred + "1",
                        hundred + "10",
                        hundred + "2",
                        many,
                        many + "-one",
                        many + "-two",
                        wide + "-one",
                        wide + "-two",
                        deep + "one",
                        deep + "two"));
    }

    /** That each of these directories holds its own two keys and no others, in every form of reading, and in a watch. */
    private static void apart(Kit kit, List<String> names) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        Map<Directory, RecordingListener> watches = new LinkedHashMap<>();
        for (String name : names) {
            Directory directory = kit.dir().directory(name);
            watches.put(directory, kit.watch(observer, directory, WatchStart.snapshot()));
        }
        for (Directory directory : watches.keySet()) {
            for (String key : List.of("k", "sub/k")) {
                Expect.succeeds(
                        kit,
                        "KEY-3",
                        "the create of " + directory.key(key) + ", which differs from every key that there is,",
                        writer.create(directory.key(key), Bytes.ofUtf8(directory.path())));
            }
        }
        watches.forEach((directory, watch) -> {
            Set<Key> expected = new TreeSet<>(List.of(directory.key("k"), directory.key("sub/k")));
            Cut list = kit.list(observer, directory);
            only("a list of " + directory, expected, list.entries().keySet());
            list.entries()
                    .forEach((key, entry) -> Expect.that(
                            "KEY-3",
                            entry.value().utf8().equals(directory.path()),
                            () -> key + " holds what was written to "
                                    + entry.value().utf8() + "."));
            only(
                    "the keys of " + directory,
                    expected,
                    kit.await(observer.keys(directory)).keys());
            List<String> children = kit.await(observer.children(directory));
            Expect.that(
                    "KEY-4",
                    children.equals(List.of("k", "sub")),
                    () -> "The children of " + directory + " are " + children + ", but must be k and sub.");
            kit.eventually(
                    "KEY-4",
                    () -> "a watch of " + directory + " holds k and sub/k below it, but it holds "
                            + watch.held().entries().keySet(),
                    () -> watch.held().entries().keySet().equals(expected));
        });
        Directory first = watches.keySet().iterator().next();
        kit.await(writer.delete(first.key("k")));
        watches.forEach((directory, watch) -> {
            kit.fence(watch);
            Set<Key> held = new TreeSet<>(watch.held().entries().keySet());
            held.removeIf(key -> key.name().startsWith("zz-fence-"));
            Set<Key> expected = new TreeSet<>(List.of(directory.key("sub/k")));
            if (!directory.equals(first)) {
                expected.add(directory.key("k"));
            }
            only("a watch of " + directory + ", once " + first.key("k") + " was deleted,", expected, held);
        });
    }

    private static void only(String where, Set<Key> expected, Iterable<Key> found) {
        Set<Key> others = new TreeSet<>();
        found.forEach(others::add);
        Set<Key> missing = new TreeSet<>(expected);
        missing.removeAll(others);
        others.removeAll(expected);
        Expect.that(
                "KEY-4",
                missing.isEmpty() && others.isEmpty(),
                () -> "In " + where + (missing.isEmpty() ? "" : " there is no " + missing)
                        + (missing.isEmpty() || others.isEmpty() ? "" : ", but")
                        + (others.isEmpty() ? "" : " there is " + others + ", which lies elsewhere") + ".");
    }
}
