package dev.rollcall.tck.history;

import static dev.rollcall.tck.history.Story.A;
import static dev.rollcall.tck.history.Story.B;
import static dev.rollcall.tck.history.Story.C;
import static dev.rollcall.tck.history.Story.commit;
import static dev.rollcall.tck.history.Story.committed;
import static dev.rollcall.tck.history.Story.delete;
import static dev.rollcall.tck.history.Story.delta;
import static dev.rollcall.tck.history.Story.end;
import static dev.rollcall.tck.history.Story.entry;
import static dev.rollcall.tck.history.Story.gone;
import static dev.rollcall.tck.history.Story.notApplied;
import static dev.rollcall.tck.history.Story.put;
import static dev.rollcall.tck.history.Story.set;
import static dev.rollcall.tck.history.Story.unknown;
import static dev.rollcall.tck.history.Story.whole;
import static dev.rollcall.tck.history.WatchLog.Start.AFTER;
import static dev.rollcall.tck.history.WatchLog.Start.HISTORY;
import static dev.rollcall.tck.history.WatchLog.Start.SNAPSHOT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctoredWatchTest {
    private static final WatchLog.Delta ONE = delta(1, set(A, "x", 1));
    private static final WatchLog.Delta TWO = delta(2, set(A, "y", 2), set(B, "y", 2));
    private static final WatchLog.Delta THREE = delta(3, gone(A, 3));

    private final Judge replay = new ReplayJudge();

    /** Puts a, then both a and b, then deletes a. */
    private static Story written() {
        return new Story()
                .did("w", put(A, "x"), committed(1))
                .did("w", commit(List.of(), Edit.put(A, "y"), Edit.put(B, "y")), committed(2))
                .did("w", delete(A), committed(3));
    }

    @Test
    void everyWayToTellTheSameIsFine() {
        fine(written().watch(SNAPSHOT, 0, 3, whole(0), ONE, TWO, THREE, end(null)));
        fine(written().watch(SNAPSHOT, 0, 3, whole(2, entry(A, "y", 2), entry(B, "y", 2)), THREE));
        fine(written().watch(SNAPSHOT, 0, 3, whole(0), delta(3, set(B, "y", 2), gone(A, 3))));
        fine(written().watch(SNAPSHOT, 0, 3, whole(1, entry(A, "x", 1)), whole(3, entry(B, "y", 2))));
        fine(written().watch(AFTER, 1, 3, TWO, delta(2), THREE, delta(9)));
        fine(written().watch(HISTORY, 1, 3, TWO, THREE));
        fine(written().watch(AFTER, 1, 0, TWO, end("HistoryUnavailableException: too old")));
    }

    @Test
    void skippedEvent() {
        broken(written().watch(SNAPSHOT, 0, 0, whole(0), ONE, THREE), "WATCH-2");
    }

    @Test
    void lastEventNeverComes() {
        broken(written().watch(SNAPSHOT, 0, 3, whole(0), ONE, TWO), "WATCH-11");
        broken(written().watch(SNAPSHOT, 0, 3), "WATCH-11");
    }

    @Test
    void keyThatCameAndWentIsNotTold() {
        broken(written().watch(SNAPSHOT, 0, 3, whole(0), delta(3, set(B, "y", 2))), "WATCH-5");
        broken(written().watch(AFTER, 0, 3, delta(3, set(B, "y", 2))), "WATCH-5");
        broken(written().watch(AFTER, 0, 3, delta(9, set(B, "y", 2))), "WATCH-5");
        assertThat(told(written().watch(SNAPSHOT, 0, 3, whole(0), delta(3, set(B, "y", 2)))))
                .contains("moved from revision 0 to 3", "'/t/a', which came at ", "went at 3");
    }

    /** Nothing else was written since, so that its going is all there is to tell. */
    @Test
    void keyThatCameAndWentAtTheEndIsNeverTold() {
        Story story =
                written().did("w", put(C, "z"), committed(4)).did("w", commit(List.of(), Edit.delete(C)), committed(5));
        WatchLog.Whole before = whole(3, entry(B, "y", 2));
        broken(story.watch(SNAPSHOT, 0, 5, before), "WATCH-5");
        story = written().did("w", put(C, "z"), committed(4)).did("w", commit(List.of(), Edit.delete(C)), committed(5));
        broken(story.watch(HISTORY, 3, 5), "WATCH-16");
    }

    @Test
    void snapshotMakesUpForAKeyThatCameAndWent() {
        fine(written().watch(SNAPSHOT, 0, 3, whole(0), whole(3, entry(B, "y", 2))));
        fine(written().watch(SNAPSHOT, 0, 3, whole(0), whole(3, entry(B, "y", 2)), delta(9)));
        fine(written().watch(AFTER, 0, 0, end("HistoryUnavailableException: too old")));
        fine(written().watch(SNAPSHOT, 0, 3, whole(0), ONE, whole(3, entry(B, "y", 2))));
    }

    /** A deletion that found nothing is nothing that went. */
    @Test
    void deletionOfNothingNeedNotBeTold() {
        Story story = written().did("w", commit(List.of(), Edit.delete(C)), committed(3));
        fine(story.watch(SNAPSHOT, 0, 3, whole(0), ONE, TWO, THREE, delta(9)));
        fine(new Story()
                .did("w", commit(List.of(), Edit.delete(C), Edit.put(A, "x")), committed(1))
                .watch(SNAPSHOT, 0, 1, whole(0), ONE));
    }

    /** It may never have been there, or never have gone, for all that is known. */
    @Test
    void keyThatMayHaveComeAndGoneNeedNotBeTold() {
        Story story = written().did("w", put(C, "z"), unknown()).did("w", commit(List.of(), Edit.delete(C)), unknown());
        fine(story.watch(SNAPSHOT, 0, 3, whole(0), ONE, TWO, THREE, delta(9)));
        story = written().did("w", put(C, "z"), unknown()).did("w", commit(List.of(), Edit.delete(C)), committed(5));
        Verdict verdict = replay.judge(
                story.watch(SNAPSHOT, 0, 5, whole(0), ONE, TWO, THREE, delta(9)).told());
        assertThat(verdict.kind()).as(verdict.toString()).isNotEqualTo(Verdict.Kind.VIOLATION);
    }

    /** That it was put is certain; whether it went, by the deletion in doubt, is not, and either is owed. */
    @Test
    void keyThatMayHaveGoneIsOwedAllTheSame() {
        Story story =
                written().did("w", put(C, "z"), committed(4)).did("w", commit(List.of(), Edit.delete(C)), unknown());
        Verdict verdict = replay.judge(
                story.watch(SNAPSHOT, 0, 4, whole(0), ONE, TWO, THREE, delta(6)).told());
        assertThat(verdict.kind()).as(verdict.toString()).isEqualTo(Verdict.Kind.VIOLATION);
    }

    @Test
    void eventDeliveredTwice() {
        broken(written().watch(SNAPSHOT, 0, 0, whole(0), ONE, TWO, TWO, THREE), "WATCH-3");
    }

    @Test
    void eventsOutOfOrder() {
        broken(written().watch(SNAPSHOT, 0, 0, whole(0), TWO, ONE, THREE), "WATCH-3");
        broken(written().watch(SNAPSHOT, 0, 0, whole(0), delta(2, set(B, "y", 2), set(A, "y", 2)), THREE), "WATCH-3");
    }

    @Test
    void transactionSplitOverTwoSignals() {
        broken(
                written()
                        .watch(
                                SNAPSHOT,
                                0,
                                0,
                                whole(0),
                                ONE,
                                delta(2, set(A, "y", 2)),
                                delta(2, set(B, "y", 2)),
                                THREE),
                "WATCH-4");
    }

    @Test
    void snapshotIsNoCut() {
        broken(written().watch(SNAPSHOT, 0, 0, whole(2, entry(A, "y", 2))), "WATCH-2");
    }

    @Test
    void snapshotWithoutBeingAskedForOne() {
        broken(written().watch(AFTER, 1, 0, whole(2, entry(A, "y", 2), entry(B, "y", 2))), "WATCH-1");
        broken(written().watch(SNAPSHOT, 0, 0, ONE), "WATCH-1");
    }

    @Test
    void somethingBesideTheDirectory() {
        Key beside = Key.of("/tt");
        Story story = written().did("w", put(beside, "z"), committed(4));
        broken(story.watch(AFTER, 3, 0, delta(4, set(beside, "z", 4))), "WATCH-8");
        fine(written()
                .did("w", put(beside, "z"), committed(4))
                .watch(Directory.ROOT, AFTER, 3, 4, delta(4, set(beside, "z", 4))));
    }

    @Test
    void deletionOfWhatWasNotThere() {
        broken(
                written()
                        .watch(
                                AFTER,
                                2,
                                0,
                                delta(3, gone(A, 3), gone(B.asDirectory().key("c"), 3))),
                "WATCH-9");
    }

    @Test
    void changeAtTheWrongRevision() {
        broken(written().watch(AFTER, 2, 0, delta(3), delta(4, gone(A, 4))), "WATCH-9");
    }

    @Test
    void changeFromBeforeItsStart() {
        broken(written().watch(AFTER, 2, 0, delta(3, set(B, "y", 2), gone(A, 3))), "WATCH-10");
    }

    @Test
    void signalAfterTheEnd() {
        broken(written().watch(SNAPSHOT, 0, 0, whole(0), end(null), ONE), "WATCH-12");
    }

    @Test
    void mergedHistory() {
        broken(written().watch(HISTORY, 0, 0, delta(2, set(A, "y", 2), set(B, "y", 2)), THREE), "WATCH-16");
    }

    @Test
    void failedWriteIsTold() {
        Story story = written().did("w", put(B, "no"), notApplied());
        broken(story.watch(AFTER, 3, 0, delta(4, set(B, "no", 4))), "WRITE-8");
    }

    @Test
    void watchSettlesWhatIsInDoubt() {
        Story story = written().did("w", delete(B), unknown()).did("w", put(A, "z"), unknown());
        fine(story.watch(AFTER, 3, 0, delta(4, gone(B, 4)), delta(5, set(A, "z", 5))));
    }

    /** Nobody saw the put: the watch was told of both at once, and of what it came to. */
    @Test
    void deletionProvesThePutInDoubtBeforeIt() {
        Story story = new Story().did("w", put(A, "x"), unknown());
        story.did("w", commit(List.of(), Edit.delete(A)), committed(2));
        fine(story.watch(SNAPSHOT, 0, 2, whole(0), delta(2, gone(A, 2))));
    }

    @Test
    void putInDoubtFallsBetweenTheCutsThatDidNotShowIt() {
        Story story = new Story().did("w", put(A, "x"), unknown()).did("w", put(B, "y"), committed(2));
        story.did("w", commit(List.of(), Edit.delete(A)), committed(4));
        fine(story.watch(SNAPSHOT, 0, 4, whole(0), delta(2, set(B, "y", 2)), delta(4, gone(A, 4))));
    }

    @Test
    void deletionOfWhatNobodyCanHavePut() {
        Story story = written().did("w", commit(List.of(), Edit.delete(C)), committed(4));
        broken(story.watch(SNAPSHOT, 0, 0, whole(0), delta(4, gone(C, 4))), "WATCH-8");
    }

    @Test
    void putInDoubtThatBeganTooLateExplainsNoDeletion() {
        Story story = written()
                .did("w", commit(List.of(), Edit.delete(C)), committed(4))
                .did("w", put(C, "x"), unknown());
        assertThat(replay.judge(story.watch(SNAPSHOT, 0, 0, whole(0), delta(4, gone(C, 4)))
                                .told())
                        .isOk())
                .isFalse();
    }

    @Test
    void keysOfOneLeaseGoTogether() {
        Story story =
                new Story().did("w", commit(List.of(), new Edit(A, "x", "l"), new Edit(B, "x", "l")), committed(1));
        WatchLog.Whole both = whole(1, new Entry(A, "x", 1, true), new Entry(B, "x", 1, true));
        fine(new Story()
                .did("w", commit(List.of(), new Edit(A, "x", "l"), new Edit(B, "x", "l")), committed(1))
                .watch(SNAPSHOT, 0, 2, both, delta(2, gone(A, 2), gone(B, 2))));
        broken(story.watch(SNAPSHOT, 0, 3, both, delta(2, gone(A, 2)), delta(3, gone(B, 3))), "LEASE-3");
    }

    private void fine(Story story) {
        assertThat(replay.judge(story.told()).toString()).startsWith("OK");
    }

    private String told(Story story) {
        return replay.judge(story.told()).toString();
    }

    private void broken(Story story, String rule) {
        Verdict verdict = replay.judge(story.told());
        assertThat(verdict.kind()).as(verdict.toString()).isEqualTo(Verdict.Kind.VIOLATION);
        assertThat(verdict.violations())
                .as(verdict.toString())
                .extracting(Violation::rule)
                .contains(rule);
    }
}
