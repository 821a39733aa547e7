package dev.rollcall.tck.history;

import static dev.rollcall.tck.history.Story.A;
import static dev.rollcall.tck.history.Story.B;
import static dev.rollcall.tck.history.Story.C;
import static dev.rollcall.tck.history.Story.commit;
import static dev.rollcall.tck.history.Story.committed;
import static dev.rollcall.tck.history.Story.createKey;
import static dev.rollcall.tck.history.Story.delete;
import static dev.rollcall.tck.history.Story.delta;
import static dev.rollcall.tck.history.Story.entry;
import static dev.rollcall.tck.history.Story.found;
import static dev.rollcall.tck.history.Story.get;
import static dev.rollcall.tck.history.Story.gone;
import static dev.rollcall.tck.history.Story.list;
import static dev.rollcall.tck.history.Story.listed;
import static dev.rollcall.tck.history.Story.put;
import static dev.rollcall.tck.history.Story.set;
import static dev.rollcall.tck.history.Story.unknown;
import static dev.rollcall.tck.history.Story.whole;
import static dev.rollcall.tck.history.WatchLog.Start.SNAPSHOT;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which concurrent transactions may have one revision (REV-2): it matters what they changed and tested, not what they asked for. */
class SharedRevisionTest {
    private static final Key D = Story.DIR.key("d");

    private final Judge order = LinearizabilityJudge.whole(Duration.ofMinutes(2));
    private final Judge replay = new ReplayJudge();

    @Test
    void revisionIsGivenTwice() {
        Story story = new Story();
        int one = story.begin("a", put(A, "x"));
        int two = story.begin("b", put(A, "y"));
        broken(story.end(one, committed(1)).end(two, committed(1)));
    }

    @Test
    void revisionIsSharedWithWhoTestedTheKey() {
        Story story = new Story();
        int one = story.begin("a", put(A, "x"));
        int two = story.begin("b", commit(List.of(new Condition.Absent(A)), Edit.put(B, "y")));
        broken(story.end(one, committed(1)).end(two, committed(1)));
    }

    @Test
    void revisionIsSharedByTwoDeletionsOfOneKey() {
        Story story = new Story().did("a", put(A, "x"), committed(1));
        int one = story.begin("a", delete(A));
        int two = story.begin("b", delete(A));
        broken(story.end(one, committed(2)).end(two, committed(2)));
    }

    @Test
    void revisionIsSharedByOthersKeys() {
        Story story = new Story().did("a", put(C, "x"), committed(1));
        int one = story.begin("a", put(A, "x"));
        int two = story.begin("b", createKey(B, "y"));
        int three = story.begin("c", delete(C));
        story.end(one, committed(2)).end(two, committed(2)).end(three, committed(2));
        fine(story.did("r", list(), listed(2, entry(A, "x", 2), entry(B, "y", 2))));
    }

    @Test
    void revisionIsSharedWithAWriteInDoubt() {
        Story story = new Story();
        int one = story.begin("a", put(A, "x"));
        int two = story.begin("b", put(B, "y"));
        story.end(one, committed(1)).end(two, unknown());
        fine(story.did("r", get(B), found(B, "y", 1, 1)));
    }

    /** As ZooKeeper does it: neither touches the node of the key that is not there. */
    @Test
    void bothDeleteAnAbsentKeyAndChangeOthers() {
        fine(together(
                        commit(List.of(), Edit.delete(C), Edit.put(A, "x")),
                        commit(List.of(), Edit.delete(C), Edit.put(B, "y")))
                .did("r", list(), listed(2, entry(A, "x", 2), entry(B, "y", 2), entry(D, "z", 1))));
        fine(together(
                        commit(List.of(), Edit.delete(C), Edit.put(A, "x")),
                        commit(List.of(), Edit.delete(C), Edit.delete(D)))
                .did("r", list(), listed(2, entry(A, "x", 2))));
        fine(together(commit(List.of(), Edit.delete(C), Edit.delete(D)), commit(List.of(), Edit.delete(C)))
                .did("r", list(), listed(2)));
    }

    @Test
    void bothRequireThatAKeyIsAbsentAndOneDeletesIt() {
        List<Condition> absent = List.of(new Condition.Absent(C));
        fine(together(commit(absent, Edit.delete(C), Edit.put(A, "x")), commit(absent, Edit.put(B, "y"))));
        fine(together(
                commit(absent, Edit.delete(C), Edit.delete(D)), commit(List.of(), Edit.delete(C), Edit.put(B, "y"))));
    }

    @Test
    void oneOfThemIsInDoubt() {
        Story story = new Story().did("z", put(D, "z"), committed(1));
        int one = story.begin("a", commit(List.of(), Edit.delete(C), Edit.put(A, "x")));
        int two = story.begin("b", commit(List.of(), Edit.delete(C), Edit.delete(D)));
        story.end(one, committed(2)).end(two, unknown());
        fine(story.watch(SNAPSHOT, 0, 2, whole(1, entry(D, "z", 1)), delta(2, set(A, "x", 2), gone(D, 2))));
    }

    /** Nobody saw that the key was deleted before, by a transaction in doubt. */
    @Test
    void keyWasDeletedInDoubtBeforeBothDeletedItAgain() {
        Story story = new Story().did("z", put(C, "z"), committed(1)).did("v", delete(C), unknown());
        int one = story.begin("a", commit(List.of(), Edit.delete(C), Edit.put(A, "x")));
        int two = story.begin("b", commit(List.of(), Edit.delete(C), Edit.put(B, "y")));
        story.end(one, committed(3)).end(two, committed(3));
        assertThat(replay.judge(story.told()).toString()).startsWith("OK");
    }

    @Test
    void bothDeleteAKeyThatWasThere() {
        broken(together(
                commit(List.of(), Edit.delete(D), Edit.put(A, "x")),
                commit(List.of(), Edit.delete(D), Edit.put(B, "y"))));
    }

    /** The second was applied right after the first, and changed nothing. */
    @Test
    void oneDeletesAKeyAndTheOtherThenFindsNothing() {
        fine(together(commit(List.of(), Edit.delete(D), Edit.put(A, "x")), commit(List.of(), Edit.delete(D))));
    }

    /** The second deleted both, and the first then found nothing. */
    @Test
    void deletionThatMayHaveComeSecondIsNotAccused() {
        Story story = new Story().did("z", put(A, "z"), committed(1)).did("z", put(B, "z"), committed(2));
        int one = story.begin("a", commit(List.of(), Edit.delete(B)));
        int two = story.begin("b", commit(List.of(), Edit.delete(A), Edit.delete(B)));
        fine(story.end(one, committed(3)).end(two, committed(3)));
    }

    @Test
    void oneDeletesAKeyThatWasThereAndTheOtherTestsIt() {
        broken(together(
                commit(List.of(), Edit.delete(D), Edit.put(A, "x")),
                commit(List.of(new Condition.Present(D)), Edit.put(B, "y"))));
        broken(together(
                commit(List.of(), Edit.delete(D)), commit(List.of(new Condition.RevisionIs(D, 1)), Edit.put(B, "y"))));
    }

    /** In either order one of them has found what the other did. */
    @Test
    void onePutsAKeyThatTheOtherDeletesInVain() {
        broken(together(put(C, "x"), commit(List.of(), Edit.delete(C), Edit.put(B, "y"))));
        broken(together(createKey(C, "x"), commit(List.of(), Edit.delete(C), Edit.delete(D))));
    }

    /** Of an ensemble, with batches: two deletions of one absent key share a revision, and 35 others show that it was absent. */
    @Test
    void recordedHistoryIsFine() throws Exception {
        Path file = Path.of(requireNonNull(getClass().getResource("absent-deletes-share-a-revision.json"))
                .toURI());
        assertThat(replay.judge(HistoryJson.read(file)).toString()).startsWith("OK");
    }

    /** D is put at 1; then two transactions make revision 2 together. */
    private static Story together(Call first, Call second) {
        Story story = new Story().did("z", put(D, "z"), committed(1));
        int one = story.begin("a", first);
        int two = story.begin("b", second);
        return story.end(one, committed(2)).end(two, committed(2));
    }

    private void fine(Story story) {
        assertThat(replay.judge(story.told()).toString()).startsWith("OK");
        assertThat(order.judge(story.told()).toString()).startsWith("OK");
    }

    private void broken(Story story) {
        Verdict verdict = replay.judge(story.told());
        assertThat(verdict.kind()).as(verdict.toString()).isEqualTo(Verdict.Kind.VIOLATION);
        assertThat(verdict.violations())
                .as(verdict.toString())
                .extracting(Violation::rule)
                .contains("REV-2");
    }
}
