package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Watches that begin between two cuts, and so hold entries that the latest cut had not. */
class RevisionIndexTest {
    private static final Directory DIRECTORY = Directory.of("/d");
    private static final Key KEY = DIRECTORY.key("k");

    private final RevisionIndex revisionIndex = new RevisionIndex();

    RevisionIndexTest() {
        cover(10);
        revisionIndex.cutAt(10);
    }

    /** A watch begins with the state at {@code revision}, which has the key if {@code entries} are given. */
    private void cover(long revision, long... entries) {
        List<KeyValue> held = java.util.Arrays.stream(entries)
                .mapToObj(of -> new KeyValue(KEY, Bytes.ofUtf8("v"), of, false))
                .toList();
        revisionIndex.cover(new Snapshot(DIRECTORY, held, revision));
    }

    @Test
    void entryOfASnapshotMayBeGoneAtTheNextCut() {
        cover(12, 11);
        assertThat(revisionIndex.isAhead(KEY, 13)).isTrue();
    }

    /** A cut may be closed late, when a watch has begun after it. What comes only after the cut was not deleted by it. */
    @Test
    void entryThatIsNewerThanTheCutHasNotGone() {
        cover(15, 14);
        assertThat(revisionIndex.isAhead(KEY, 13)).isFalse();
        revisionIndex.cutAt(13);
        assertThat(revisionIndex.isAhead(KEY, 16)).isTrue();
    }

    @Test
    void eachIsKeptUntilACutHasReachedIt() {
        cover(12, 11);
        cover(15, 14);
        assertThat(revisionIndex.isAhead(KEY, 13)).isTrue();
        revisionIndex.cutAt(13);
        assertThat(revisionIndex.isAhead(KEY, 13)).isFalse();
        assertThat(revisionIndex.isAhead(KEY, 16)).isTrue();
        revisionIndex.cutAt(16);
        assertThat(revisionIndex.isAhead(KEY, 20)).isFalse();
    }

    @Test
    void whatALaterListLacksIsMissingUnlessItIsNewer() {
        cover(15, 14);
        assertThat(revisionIndex.missingFrom(new Snapshot(DIRECTORY, List.of(), 13)))
                .isEmpty();
        assertThat(revisionIndex.missingFrom(new Snapshot(DIRECTORY, List.of(), 16)))
                .containsExactly(KEY);
    }
}
