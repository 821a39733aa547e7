package dev.rollcall.tck.history;

import static dev.rollcall.tck.history.Story.A;
import static dev.rollcall.tck.history.Story.B;
import static dev.rollcall.tck.history.Story.C;
import static dev.rollcall.tck.history.Story.absent;
import static dev.rollcall.tck.history.Story.commit;
import static dev.rollcall.tck.history.Story.committed;
import static dev.rollcall.tck.history.Story.createKey;
import static dev.rollcall.tck.history.Story.delete;
import static dev.rollcall.tck.history.Story.delta;
import static dev.rollcall.tck.history.Story.entry;
import static dev.rollcall.tck.history.Story.failed;
import static dev.rollcall.tck.history.Story.found;
import static dev.rollcall.tck.history.Story.get;
import static dev.rollcall.tck.history.Story.glance;
import static dev.rollcall.tck.history.Story.gone;
import static dev.rollcall.tck.history.Story.list;
import static dev.rollcall.tck.history.Story.listed;
import static dev.rollcall.tck.history.Story.put;
import static dev.rollcall.tck.history.Story.set;
import static dev.rollcall.tck.history.Story.unknown;
import static dev.rollcall.tck.history.Story.update;
import static dev.rollcall.tck.history.Story.whole;
import static dev.rollcall.tck.history.WatchLog.Start.SNAPSHOT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Condition;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an operation in doubt leaves open must not hide what is wrong whatever became of it. */
class DoctoredDoubtTest {
    private final Judge replay = new ReplayJudge();

    /** Either of two operations in doubt has deleted c at 2; a is written at 3 and at 4. */
    private static Story inDoubt() {
        return new Story()
                .did("w", put(C, "z"), committed(1))
                .did("v", delete(C), unknown())
                .did("u", delete(C), unknown())
                .watch(SNAPSHOT, 0, 2, whole(1, entry(C, "z", 1)), delta(2, gone(C, 2)))
                .did("w", put(A, "x"), committed(3))
                .did("w", put(A, "y"), committed(4));
    }

    @Test
    void eitherWayIsFine() {
        assertThat(replay.judge(inDoubt().told()).toString()).startsWith("OK");
    }

    @Test
    void updateOfWhatWasOverwritten() {
        broken(inDoubt().did("r", update(A, "w", 3), committed(5)), "WRITE-4");
    }

    @Test
    void readOfWhatWasOverwritten() {
        broken(inDoubt().did("r", get(A), found(A, "x", 3, 4)), "REV-5");
        broken(inDoubt().did("r", list(), listed(4, entry(A, "x", 3))), "READ-4");
        broken(inDoubt().watch(SNAPSHOT, 0, 4, whole(4, entry(A, "x", 3))), "WATCH-2");
    }

    @Test
    void changeThatAWatchWasNotTold() {
        broken(inDoubt().watch(SNAPSHOT, 0, 4, whole(2), delta(4)), "WATCH-2");
        broken(
                inDoubt().did("w", put(B, "x"), committed(5)).watch(SNAPSHOT, 0, 5, whole(2), delta(5, set(B, "x", 5))),
                "WATCH-2");
        broken(inDoubt().watch(SNAPSHOT, 0, 4, whole(3, entry(A, "x", 3))), "WATCH-11");
    }

    @Test
    void changeThatMayHaveGoneAgainIsOwedAsGone() {
        broken(inDoubt().did("v", delete(A), unknown()).watch(SNAPSHOT, 0, 5, whole(2), delta(5)), "WATCH-5");
    }

    /** A keeps its lease through a write without one, and may have gone with it: then that is owed, whatever a replay makes of the deletion of b in doubt. */
    @Test
    void entryThatMayHaveALeaseIsOwedOneWayOrTheOther() {
        Story story = new Story()
                .did("w", commit(List.of(), new Edit(A, "x", "L"), new Edit(B, "x", "L")), committed(5))
                .did("v", delete(B), unknown())
                .did("r", get(B), absent(6))
                .did("w", put(A, "y"), committed(7))
                .did("w", put(C, "z"), committed(9))
                .watch(SNAPSHOT, 0, 9, whole(4), delta(9, set(C, "z", 9)));
        assertThat(replay.judge(story.told()).kind()).isEqualTo(Verdict.Kind.VIOLATION);
    }

    /** A put in doubt has given a its lease before another put, which leaves that as it is, or a deletion in doubt has taken it away. */
    @Test
    void leaseThatAWriteInDoubtMayHaveDecidedIsNoFault() {
        Entry leased = new Entry(A, "y", 3, true);
        Story given = new Story()
                .did("v", commit(List.of(), new Edit(A, "x", "L"), Edit.delete(B)), unknown())
                .did("w", put(A, "y"), committed(3));
        isOpen(given.did("r", get(A), new Result.Got(leased, 3)));
        isOpen(given.did("r", list(), listed(3, leased)));
        isOpen(given.watch(SNAPSHOT, 0, 3, whole(3, leased)));
        isOpen(given.watch(SNAPSHOT, 0, 3, whole(1), delta(3, new WatchLog.Item(A, leased, 3))));
        Story taken = new Story()
                .did("w", commit(List.of(), new Edit(A, "x", "L")), committed(1))
                .did("v", delete(A), unknown())
                .did("w", put(A, "y"), committed(3));
        isOpen(taken.did("r", get(A), found(A, "y", 3, 3)));
        // It was called when the put had been answered, so it decided nothing about it.
        broken(
                new Story()
                        .did("w", put(A, "y"), committed(3))
                        .did("r", get(A), new Result.Got(leased, 3))
                        .did("v", commit(List.of(), new Edit(A, "x", "L")), unknown()),
                "LEASE-13");
    }

    private void isOpen(Story story) {
        assertThat(replay.judge(story.told()).kind()).isNotEqualTo(Verdict.Kind.VIOLATION);
    }

    /** One guess would do for each round if it were right, but no number of guesses finds the right ones of forty. */
    @Test
    void operationThatCameTooLateIsNoExplanation() {
        Story story = new Story();
        WatchLog.Signal[] signals = new WatchLog.Signal[41];
        signals[0] = whole(0);
        for (int i = 0; i < 40; i++) {
            long revision = 3L * i;
            story.did("w", put(A, "x" + i), committed(revision + 1))
                    .did("v", commit(List.of(new Condition.RevisionIs(A, revision + 1)), Edit.delete(A)), unknown())
                    .did("w", put(A, "y" + i), committed(revision + 2))
                    .did("u", delete(A), unknown());
            signals[i + 1] = delta(revision + 3, gone(A, revision + 3));
        }
        assertThat(replay.judge(story.watch(SNAPSHOT, 0, 120, signals).told()).toString())
                .startsWith("OK");
    }

    /** Of two that would delete a, the one that would have taken b with it is not it, for b was not seen to go. */
    @Test
    void transactionThatWasSeenInPartIsNoExplanation() {
        Story story = new Story().did("w", put(B, "z"), committed(1));
        WatchLog.Signal[] signals = new WatchLog.Signal[41];
        signals[0] = whole(1, entry(B, "z", 1));
        for (int i = 0; i < 40; i++) {
            long revision = 2L * i + 2;
            story.did("w", put(A, "x" + i), committed(revision))
                    .did("v", commit(List.of(), Edit.delete(A), Edit.delete(B)), unknown())
                    .did("u", commit(List.of(), Edit.delete(A), Edit.delete(C)), unknown());
            signals[i + 1] = delta(revision + 1, gone(A, revision + 1));
        }
        story.did("r", list(), listed(81, entry(B, "z", 1)));
        assertThat(replay.judge(story.watch(SNAPSHOT, 0, 81, signals).told()).toString())
                .startsWith("OK");
    }

    /** The store had reached 400 when the second deletion was called, so it was the first, in doubt, that has made 400. */
    @Test
    void deletionThatCameTooLateIsNoExplanation() {
        Story story = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("v", delete(A), unknown())
                .did("r", glance(A), absent(400))
                .did("w", commit(List.of(), Edit.delete(A)), committed(400))
                .watch(SNAPSHOT, 0, 400, whole(1, entry(A, "x", 1)), delta(400, gone(A, 400)));
        assertThat(replay.judge(story.told()).toString()).startsWith("OK");
    }

    /** It began when the read had been answered, so that it cannot have deleted what the read did not find. */
    @Test
    void deletionThatBeganAfterTheReadIsNoExcuse() {
        broken(
                new Story()
                        .did("w", put(A, "x"), committed(1))
                        .did("r", get(A), absent(1))
                        .did("v", delete(A), unknown()),
                "REV-5");
        broken(
                new Story()
                        .did("w", put(A, "x"), committed(1))
                        .did("r", update(A, "y", 7), failed(0))
                        .did("v", delete(A), unknown()),
                "WRITE-4");
    }

    /** The deletion in doubt would need a revision of its own between 1 and 2, and there is none. */
    @Test
    void deletionThatFindsNoFreeRevisionIsNoExcuse() {
        broken(
                new Story()
                        .did("v", delete(A), unknown())
                        .did("w", put(A, "x"), committed(1))
                        .did("w", put(A, "y"), committed(2))
                        .did("r", createKey(A, "z"), committed(3)),
                "WRITE-2");
    }

    /** What else was in doubt, another key, has nothing to do with it. */
    @Test
    void doubtAboutAnotherKeyIsNoExcuse() {
        broken(inDoubt().did("w", put(B, "x"), committed(5)).did("r", list(), listed(5, entry(A, "y", 4))), "READ-4");
        broken(inDoubt().did("r", update(A, "z", 7), failed(0)), "WRITE-4");
    }

    /** The handle had been told of 2 by its own watch, so it cannot find 1 any more. */
    @Test
    void failedConditionIsNotOlderThanWhatItsOwnWatchWasTold() {
        Story story = new Story().did("w", put(A, "x"), committed(1));
        int writing = story.begin("w", put(A, "y"));
        story.watch(SNAPSHOT, 0, 0, whole(2, entry(A, "y", 2)));
        Story late = story.did("watcher", createKey(A, "z"), failed(1)).end(writing, committed(2));
        broken(late, "WRITE-2");
    }

    @Test
    void failedConditionOfAnotherHandleIsBoundByWhatWasAcknowledged() {
        Story story = new Story().did("w", put(A, "x"), committed(1));
        int writing = story.begin("w", put(A, "y"));
        story.watch(SNAPSHOT, 0, 0, whole(2, entry(A, "y", 2)));
        Story late = story.did("other", createKey(A, "z"), failed(1)).end(writing, committed(2));
        assertThat(replay.judge(late.told()).toString()).startsWith("OK");
    }

    private void broken(Story story, String rule) {
        Verdict verdict = replay.judge(story.told());
        assertThat(verdict.kind()).as(verdict.toString()).isEqualTo(Verdict.Kind.VIOLATION);
        assertThat(verdict.violations()).extracting(Violation::rule).contains(rule);
    }
}
