package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What events tell of the moment at which a key was deleted. */
class DeletionsTest {
    private static final int MOST = 3;
    private static final Key KEY = Key.of("/d/k");
    private static final String NODE = "/r/d/k";

    private final Deletions deletions = new Deletions(Layout.of("/r"), MOST);

    DeletionsTest() {
        deletions.beginAfter(1);
    }

    private Map<Key, Long> between(long revision, long end) {
        return deletions.between(revision, end, Directory.ROOT);
    }

    @Test
    void keyGoesWithItsNode() {
        deletions.written(NODE, 2);
        assertThat(deletions.deleted(NODE, 3, 3)).isEqualTo(3);
        assertThat(between(1, 9)).containsOnly(Map.entry(KEY, 3L));
        assertThat(between(3, 9)).isEmpty();
    }

    @Test
    void nodeThatIsWrittenToAndDeletedInOneTransactionWasADirectory() {
        deletions.written(NODE, 2);
        assertThat(deletions.deleted(NODE, 2, 2)).isEqualTo(Deletions.UNTOLD);
        assertThat(between(1, 9)).isEmpty();
    }

    @Test
    void keyOfADirectoryWentWithTheWriteBefore() {
        deletions.deleted(NODE, 2, 2);
        deletions.written(NODE, 3);
        deletions.written(NODE, 4);
        assertThat(deletions.deleted(NODE, 4, 4)).isEqualTo(3);
        assertThat(between(1, 9)).containsOnly(Map.entry(KEY, 3L));
    }

    @Test
    void keyThatWasDeletedBeforeItsNodeBecameADirectoryWentThen() {
        deletions.written(NODE, 2);
        deletions.deleted(NODE, 3, 3);
        deletions.written(NODE, 4);
        assertThat(deletions.deleted(NODE, 4, 4)).isEqualTo(3);
    }

    /** What a deletion does at the one version that cannot be compared. */
    @Test
    void nodeThatIsWrittenToTwiceAndDeletedInOneTransactionWasAKey() {
        deletions.written(NODE, 2);
        deletions.written(NODE, 2);
        assertThat(deletions.deleted(NODE, 2, 2)).isEqualTo(2);
    }

    @Test
    void deletionBeforeAMomentIsNotHiddenByOneAfterIt() {
        deletions.deleted(NODE, 3, 3);
        deletions.deleted(NODE, 7, 7);
        assertThat(between(1, 5)).containsOnly(Map.entry(KEY, 3L));
        assertThat(between(3, 5)).isEmpty();
        assertThat(between(3, 7)).containsOnly(Map.entry(KEY, 7L));
    }

    @Test
    void whatIsForgottenIsNotVouchedFor() {
        for (int i = 0; i <= MOST; i++) {
            deletions.deleted("/r/" + i, 2 + i, 2 + i);
        }
        assertThat(deletions.isCompleteAfter(1)).isFalse();
        assertThat(deletions.isCompleteAfter(2)).isTrue();
    }

    @Test
    void forgottenWritesMatterOnlyOnceADirectoryIsPruned() {
        for (int i = 0; i <= MOST; i++) {
            deletions.written("/r/" + i, 2 + i);
        }
        assertThat(deletions.isCompleteAfter(1)).isTrue();
        deletions.written("/r/0", 9);
        deletions.deleted("/r/0", 9, 9);
        assertThat(deletions.isCompleteAfter(1)).isFalse();
        assertThat(deletions.isCompleteAfter(3)).isTrue();
    }

    @Test
    void serverThatTellsNoTransactionIsTakenAtItsEarliest() {
        assertThat(deletions.written(NODE, -1)).isZero();
        assertThat(deletions.deleted(NODE, -1, 5)).isEqualTo(Deletions.UNTOLD);
        assertThat(between(1, 9)).containsOnly(Map.entry(KEY, 5L));
    }
}
