package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What may be a key, which keys are the same, and what a directory covers. */
public interface KeyContract extends Contract {
    @Test
    @Rule({"KEY-1", "KEY-3"})
    default void everyKeyComesBackUnchanged(Kit kit) {
        List<Key> keys = new ArrayList<>();
        KeyTexts.ODD.forEach(text -> keys.add(kit.key(text)));
        keys.addAll(KeyTexts.random(kit.random(), kit.dir(), 100));
        RecordingListener listener = kit.watching(kit.backend());
        for (Key key : keys) {
            kit.put(key, "value of " + key.path());
        }
        Map<Key, String> expected = new TreeMap<>();
        keys.forEach(key -> expected.put(key, "value of " + key.path()));
        Cut listed = kit.list(kit.backend(), kit.dir());
        Map<Key, String> found = new TreeMap<>();
        listed.entries().forEach((key, entry) -> found.put(key, entry.value().utf8()));
        assertThat(found).as("the list of all odd keys").isEqualTo(expected);
        expected.forEach((key, value) ->
                assertThat(kit.read(kit.backend(), key)).as("get of %s", key).isEqualTo(value));
        kit.proves("KEY-1");
        kit.converge(listener, kit.backend());
    }

    @Test
    @Rule("KEY-1")
    default void reservedLookingAndLongestKeysAreKeysAtTheTopLevel(Kit kit) {
        List<Key> keys = List.of(
                Key.of("/zookeeper"),
                Key.of("/zookeeper/quota"),
                Key.of("/rollcall"),
                Key.of("/.rollcall"),
                Key.of("/_"),
                Key.of("/" + "k".repeat(511)),
                Key.of("/" + "d/".repeat(255) + "k"));
        for (Key key : keys) {
            kit.put(key, key.path());
        }
        for (Key key : keys) {
            assertThat(kit.read(kit.open(), key)).as("get of %s", key).isEqualTo(key.path());
        }
        assertThat(kit.list(kit.backend(), Directory.ROOT).entries().keySet())
                .containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    @Rule("KEY-2")
    default void malformedPathsAreRefusedByTextAndRule(Kit kit) {
        KeyTexts.MALFORMED.forEach((path, rule) -> {
            assertThatIllegalArgumentException()
                    .as("Key.of(%s)", path)
                    .isThrownBy(() -> Key.of(path))
                    .withMessageContaining(rule);
            if (!path.equals("/")) {
                assertThatIllegalArgumentException()
                        .as("Directory.of(%s)", path)
                        .isThrownBy(() -> Directory.of(path))
                        .withMessageContaining(rule);
            }
        });
        assertThatIllegalArgumentException().isThrownBy(() -> Key.of("/a//b")).withMessageContaining("/a//b");
    }

    @Test
    @Rule("KEY-3")
    default void equivalentAndSimilarTextsAreDifferentKeys(Kit kit) {
        List<Key> keys = new ArrayList<>();
        // é as one character and as two, a letter in two cases, three spaces, ß and ss, and digits that look alike.
        for (String text : List.of(
                "\u00e9",
                "e\u0301",
                "a",
                "A",
                "a ",
                " a",
                "a\u00a0",
                "stra\u00dfe",
                "strasse",
                "1",
                "\u0661",
                "01",
                "%61",
                "a%20")) {
            keys.add(kit.key(text));
        }
        for (int i = 0; i < keys.size(); i++) {
            kit.await(kit.backend().create(keys.get(i), Bytes.ofUtf8("value " + i)));
        }
        for (int i = 0; i < keys.size(); i++) {
            assertThat(kit.read(kit.backend(), keys.get(i)))
                    .as("the key '%s', which differs from all others", keys.get(i))
                    .isEqualTo("value " + i);
        }
    }

    @Test
    @Rule("KEY-4")
    default void directoryCoversWhatIsStrictlyBelowIt(Kit kit) {
        KvBackend backend = kit.backend();
        Directory directory = kit.dir().directory("a/b");
        List<Key> covered = List.of(kit.key("a/b/c"), kit.key("a/b/c/d"), kit.key("a/b/ "), kit.key("a/b/\u00ff"));
        RecordingListener listener = kit.watch(backend, directory, WatchStart.snapshot());
        for (Key key : covered) {
            kit.put(key, "in");
        }
        // The neighbours in the order of text on both sides of "a/b/", which a sloppy range or prefix takes in.
        for (String beside :
                List.of("a/b", "a/b.", "a/b0", "a/b10", "a/bc", "a/b-", "a/b c", "a", "a/c", "a/a", "ab/b/c")) {
            kit.put(kit.key(beside), "beside");
        }
        assertThat(kit.list(backend, directory).entries().keySet())
                .as("the list of %s", directory)
                .containsExactlyInAnyOrderElementsOf(covered);
        assertThat(kit.await(backend.keys(directory)).keys()).containsExactlyInAnyOrderElementsOf(covered);
        assertThat(kit.await(backend.children(directory))).containsExactly(" ", "c", "\u00ff");
        kit.fence(listener);
        assertThat(listener.changes())
                .extracting(change -> change.key().parent())
                .allSatisfy(parent ->
                        assertThat(parent.path()).startsWith(directory.path() + (parent.equals(directory) ? "" : "/")));
    }

    @Test
    @Rule("KEY-5")
    default void valueAndKeysBelowItSurviveEachOther(Kit kit) {
        KvBackend backend = kit.backend();
        Key parent = kit.key("p");
        Key child = kit.key("p/q/r");
        kit.put(child, "child");
        kit.put(parent, "parent");
        assertThat(kit.read(backend, parent)).isEqualTo("parent");
        assertThat(kit.read(backend, child)).isEqualTo("child");
        kit.delete(parent);
        assertThat(kit.read(backend, parent)).isNull();
        assertThat(kit.read(backend, child))
                .as("the key below, after its parent was deleted")
                .isEqualTo("child");
        kit.await(backend.create(parent, Bytes.ofUtf8("again")));
        kit.delete(child);
        assertThat(kit.read(backend, parent))
                .as("the parent, after the key below was deleted")
                .isEqualTo("again");
        kit.await(backend.commit(
                Txn.builder().delete(parent).put(child, Bytes.ofUtf8("swapped")).build()));
        assertThat(kit.list(backend, kit.dir()).entries().keySet())
                .as("after a transaction that deleted the parent and wrote below it")
                .containsExactly(child);
    }

    @Test
    @Rule("KEY-6")
    default void pathThatWasNeverWrittenIsAbsent(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watching(backend);
        Key deep = kit.key("x/y/z");
        kit.put(deep, "1");
        for (Key between :
                List.of(kit.key("x"), kit.key("x/y"), Key.of(kit.dir().path()))) {
            assertThat(kit.read(backend, between)).as("get of %s", between).isNull();
            kit.failure(backend.delete(between), KeyNotFoundException.class);
            kit.failure(backend.update(between, Bytes.EMPTY), KeyNotFoundException.class);
        }
        assertThat(kit.list(backend, Directory.ROOT).entries().keySet()).containsExactly(deep);
        kit.await(backend.create(kit.key("x/y"), Bytes.EMPTY));
        kit.delete(kit.key("x/y"));
        kit.delete(deep);
        assertThat(kit.list(backend, Directory.ROOT).entries()).isEmpty();
        kit.fence(listener);
        assertThat(listener.changes())
                .extracting(change -> change.key().path())
                .doesNotContain(kit.key("x").path());
    }

    @Test
    @Rule("KEY-7")
    default void storesThatShareAServerDoNotSeeEachOther(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend theirs = kit.track(kit.neighbour().open());
        Key key = kit.key("same");
        RecordingListener listener = kit.watch(mine, Directory.ROOT, WatchStart.snapshot());
        kit.put(theirs, key, "theirs");
        assertThat(kit.read(mine, key)).isNull();
        kit.await(mine.create(key, Bytes.ofUtf8("mine")));
        kit.await(theirs.delete(key));
        assertThat(kit.read(mine, key)).isEqualTo("mine");
        assertThat(kit.list(theirs, Directory.ROOT).entries()).isEmpty();
        kit.fence(listener);
        assertThat(listener.changes())
                .extracting(change -> change.key().path())
                .as("what a watch of the root of one store has seen")
                .allSatisfy(path -> assertThat(path).matches(key.path() + "|/zz-fence-.*"));
    }

    @Test
    @Rule("KEY-7")
    default void bookkeepingIsOutOfSight(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watch(backend, Directory.ROOT, WatchStart.snapshot());
        Key kept = kit.key("kept");
        kit.put(kept, "1");
        kit.put(kit.key("gone/deep"), "2");
        kit.delete(kit.key("gone/deep"));
        kit.await(backend.put(kit.key("leased"), Bytes.ofUtf8("3"), kit.lease(backend)));
        kit.await(backend.put(kit.key("leased"), Bytes.ofUtf8("4")));
        assertThat(kit.list(backend, Directory.ROOT).entries().keySet()).containsExactly(kept, kit.key("leased"));
        assertThat(kit.await(backend.children(Directory.ROOT))).containsExactly("kit");
        kit.fence(listener);
        assertThat(listener.changes())
                .extracting(change -> change.key().path())
                .allSatisfy(path -> assertThat(path).matches("/kit/(kept|gone/deep|leased)|/zz-fence-.*"));
    }
}
