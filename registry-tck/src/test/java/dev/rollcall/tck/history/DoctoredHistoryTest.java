package dev.rollcall.tck.history;

import static dev.rollcall.tck.history.Story.A;
import static dev.rollcall.tck.history.Story.B;
import static dev.rollcall.tck.history.Story.absent;
import static dev.rollcall.tck.history.Story.commit;
import static dev.rollcall.tck.history.Story.committed;
import static dev.rollcall.tck.history.Story.createKey;
import static dev.rollcall.tck.history.Story.delete;
import static dev.rollcall.tck.history.Story.entry;
import static dev.rollcall.tck.history.Story.failed;
import static dev.rollcall.tck.history.Story.found;
import static dev.rollcall.tck.history.Story.get;
import static dev.rollcall.tck.history.Story.glance;
import static dev.rollcall.tck.history.Story.list;
import static dev.rollcall.tck.history.Story.listed;
import static dev.rollcall.tck.history.Story.notApplied;
import static dev.rollcall.tck.history.Story.put;
import static dev.rollcall.tck.history.Story.unknown;
import static dev.rollcall.tck.history.Story.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Condition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each fault is found by the judges that can know of it, under the right rule. */
class DoctoredHistoryTest {
    private static final Edit ON_LEASE = new Edit(A, "x", "lease-1");

    private final Judge order = LinearizabilityJudge.whole(Duration.ofMinutes(2));
    private final Judge perKey = LinearizabilityJudge.perKey(Duration.ofMinutes(2));
    private final Judge replay = new ReplayJudge();

    @Test
    void staleRead() {
        Story story = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("w", put(A, "y"), committed(2))
                .did("r", get(A), found(A, "x", 1, 1));
        broken(story, "READ-1", order, perKey, replay);
    }

    @Test
    void staleReadThatClaimsToBeFresh() {
        Story story = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("w", put(A, "y"), committed(2))
                .did("r", get(A), found(A, "x", 1, 2));
        broken(story, "READ-1", order);
        broken(story, "REV-5", replay);
    }

    @Test
    void sequentialReadMayLagBehindOthersButNotBehindItsOwnHandle() {
        Story lagging = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("w", put(A, "y"), committed(2))
                .did("r", glance(A), found(A, "x", 1, 1));
        fine(lagging, order, perKey, replay);
        broken(lagging.did("w", glance(A), found(A, "x", 1, 1)), "READ-2", replay);
    }

    /** READ-1 speaks of writes that were acknowledged; this one was seen before. */
    @Test
    void sequentialReadOfAnotherHandleBindsNobody() {
        Story story = new Story();
        int writing = story.begin("w", put(A, "x"));
        story.did("r", glance(A), found(A, "x", 1, 1))
                .did("q", get(A), absent(0))
                .end(writing, committed(1));
        fine(story, order, perKey, replay);
    }

    @Test
    void lostUpdate() {
        Story story = new Story().did("w", put(A, "x"), committed(1));
        int one = story.begin("a", update(A, "y", 1));
        int two = story.begin("b", update(A, "z", 1));
        story.end(one, committed(2)).end(two, committed(3));
        broken(story, "WRITE-4", order, perKey, replay);
    }

    @Test
    void compareAndSetAcrossIncarnations() {
        Story story = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("w", delete(A), committed(2))
                .did("w", createKey(A, "x"), committed(3))
                .did("w", update(A, "y", 1), committed(4));
        broken(story, "WRITE-4", order, perKey);
        broken(story, "WRITE-5", replay);
    }

    @Test
    void twoCreationsSucceed() {
        Story story = new Story().did("a", createKey(A, "x"), committed(1)).did("b", createKey(A, "y"), committed(2));
        broken(story, "WRITE-2", order, perKey, replay);
    }

    @Test
    void deletionOfAnAbsentKeySucceeds() {
        broken(new Story().did("a", delete(A), committed(1)), "WRITE-3", order, perKey, replay);
    }

    @Test
    void conditionFailsWithoutReason() {
        Story story = new Story().did("a", createKey(A, "x"), failed(7));
        broken(story, "WRITE-2", order, perKey, replay);
    }

    /** No revision has to be believed to see that nothing was absent, and that what had been replaced was not found. */
    @Test
    void failedConditionIsToldWhatItDidNotFind() {
        Story story = new Story().did("w", put(A, "x"), committed(1)).did("w", put(A, "y"), committed(2));
        fine(story, order, perKey, replay);
        broken(story.did("a", update(A, "z", 1), failed(0)), "WRITE-4", order, perKey, replay);
        Story other = new Story().did("w", put(A, "x"), committed(1)).did("w", put(A, "y"), committed(2));
        broken(other.did("a", createKey(A, "z"), failed(1)), "WRITE-2", order, perKey, replay);
    }

    @Test
    void writeAppliedTwice() {
        Story story = new Story()
                .did("a", put(A, "x"), committed(1))
                .did("r", get(A), found(A, "x", 1, 1))
                .did("a", put(A, "y"), committed(2))
                .did("r", get(A), found(A, "x", 3, 3));
        broken(story, "WRITE-7", replay);
        broken(story, "READ-1", order, perKey);
    }

    @Test
    void writeInDoubtAppliedTwice() {
        Story story = new Story()
                .did("a", put(A, "x"), unknown())
                .did("r", get(A), found(A, "x", 1, 1))
                .did("b", put(A, "y"), committed(2))
                .did("r", get(A), found(A, "x", 3, 3));
        broken(story, "WRITE-7", replay);
        broken(story, "READ-1", order, perKey);
    }

    @Test
    void writeInDoubtMayTakeEffectLateOrNever() {
        Story story = new Story()
                .did("a", put(A, "x"), unknown())
                .did("r", get(A), absent(0))
                .did("b", put(A, "y"), committed(1));
        fine(story, order, perKey, replay);
        fine(story.did("r", get(A), found(A, "x", 2, 2)), order, perKey, replay);
    }

    @Test
    void failedWriteIsVisible() {
        Story story = new Story().did("a", put(A, "x"), notApplied()).did("r", get(A), found(A, "x", 1, 1));
        broken(story, "WRITE-8", order, perKey, replay);
    }

    @Test
    void valueThatNobodyWrote() {
        broken(new Story().did("r", get(A), found(A, "x", 1, 1)), "VALUE-1", order, perKey, replay);
    }

    @Test
    void acknowledgedWriteIsLost() {
        Story story = new Story().did("a", put(A, "x"), committed(1)).did("r", get(A), absent(1));
        broken(story, "READ-1", order, perKey);
        broken(story, "REV-5", replay);
    }

    @Test
    void listShowsHalfOfATransaction() {
        Story story = new Story()
                .did("w", commit(List.of(), Edit.put(A, "x"), Edit.put(B, "x")), committed(1))
                .did("w", commit(List.of(), Edit.put(A, "y"), Edit.put(B, "y")), committed(2));
        Story torn = story.did("r", list(), listed(2, entry(A, "y", 2), entry(B, "x", 1)));
        broken(torn, "READ-4", replay);
        broken(torn, "READ-1", order);
    }

    @Test
    void listIsUnsorted() {
        Story story = new Story()
                .did("w", commit(List.of(), Edit.put(A, "x"), Edit.put(B, "x")), committed(1))
                .did("r", list(), listed(1, entry(B, "x", 1), entry(A, "x", 1)));
        broken(story, "READ-5", replay);
    }

    @Test
    void keysDisagree() {
        Story story = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("r", new Call.Keys(Story.DIR), new Result.KeysListed(List.of(A, B), 1));
        broken(story, "READ-7", replay);
    }

    @Test
    void childrenDisagree() {
        Story story = new Story()
                .did("w", put(A, "x"), committed(1))
                .did("r", new Call.Children(Story.DIR), new Result.ChildrenListed(List.of("a")));
        fine(story, replay);
        broken(story.did("r", new Call.Children(Story.DIR), new Result.ChildrenListed(List.of("b"))), "READ-7", replay);
    }

    @Test
    void transactionIsTorn() {
        Story story = new Story()
                .did("w", commit(List.of(), Edit.put(A, "x"), Edit.put(B, "x")), committed(1))
                .did("r", get(A), found(A, "x", 1, 1))
                .did("r", get(B), absent(1));
        broken(story, "READ-1", order, perKey);
        broken(story, "REV-5", replay);
    }

    @Test
    void writesAreSkewed() {
        Story story = new Story().did("w", commit(List.of(), Edit.put(A, "x"), Edit.put(B, "x")), committed(1));
        int one = story.begin("a", commit(List.of(new Condition.RevisionIs(A, 1)), Edit.put(B, "y")));
        int two = story.begin("b", commit(List.of(new Condition.RevisionIs(B, 1)), Edit.put(A, "y")));
        story.end(one, committed(2)).end(two, committed(3));
        broken(story, "TXN-3", order, replay);
    }

    @Test
    void transactionReportsTheWrongCondition() {
        List<Condition> conditions = List.of(new Condition.Present(A), new Condition.Present(B));
        Story story = new Story()
                .did("w", put(B, "x"), committed(1))
                .did("t", commit(conditions, Edit.put(A, "y")), new Result.ConditionFailed(1, 0));
        broken(story, "TXN-2", order, replay);
    }

    @Test
    void revisionsDisagreeWithRealTime() {
        Story story = new Story().did("a", put(A, "x"), committed(2)).did("b", put(B, "y"), committed(1));
        broken(story, "REV-1", replay);
        fine(story, order, perKey);
    }

    @Test
    void revisionIsSharedWithWhatHadBeenAcknowledgedBefore() {
        Story story = new Story().did("a", put(A, "x"), committed(1)).did("b", put(B, "y"), committed(1));
        broken(story, "REV-1", replay);
    }

    @Test
    void entryCarriesAnotherRevisionThanItsCommit() {
        Story story = new Story().did("a", put(A, "x"), committed(1)).did("r", get(A), found(A, "x", 2, 2));
        broken(story, "REV-4", replay);
    }

    @Test
    void leaseDeletesItsKeysAndNoOthers() {
        Story story = new Story()
                .did("a", commit(List.of(), ON_LEASE), committed(1))
                .did("r", get(A), new Result.Got(new Entry(A, "x", 1, true), 1))
                .did("r", get(A), absent(2));
        fine(story, replay);
        broken(story.did("a", put(B, "y"), committed(3)).did("r", get(B), absent(4)), "REV-5", replay);
    }

    @Test
    void leasedEntryIsNotMarked() {
        Story story =
                new Story().did("a", commit(List.of(), ON_LEASE), committed(1)).did("r", get(A), found(A, "x", 1, 1));
        broken(story, "LEASE-13", replay);
    }

    @Test
    void changingTheValueLeavesTheLease() {
        Story story =
                new Story().did("a", commit(List.of(), ON_LEASE), committed(1)).did("b", put(A, "y"), committed(2));
        fine(story.did("r", get(A), new Result.Got(new Entry(A, "y", 2, true), 2)), replay);
        broken(story.did("r", get(A), found(A, "y", 2, 2)), "LEASE-13", replay);
    }

    @Test
    void failedConditionsAreOrderedByRealTime() {
        Story story = new Story();
        int writing = story.begin("w", put(A, "x"));
        story.did("a", createKey(A, "y"), failed(1))
                .did("b", delete(A), failed(0))
                .end(writing, committed(1));
        broken(story, "WRITE-3", order, perKey, replay);
    }

    @Test
    void keysOfALeaseGoOneAfterTheOther() {
        Edit other = new Edit(B, "x", "lease-1");
        Entry left = new Entry(B, "x", 1, true);
        Story story = new Story()
                .did("a", commit(List.of(), ON_LEASE, other), committed(1))
                .did("r", list(), listed(3, left));
        broken(story, "READ-4", replay);
    }

    private static void fine(Story story, Judge... judges) {
        for (Judge judge : judges) {
            assertThat(judge.judge(story.told()).toString()).startsWith("OK");
        }
    }

    private static void broken(Story story, String rule, Judge... judges) {
        for (Judge judge : judges) {
            Verdict verdict = judge.judge(story.told());
            assertThat(verdict.kind()).as(verdict.toString()).isEqualTo(Verdict.Kind.VIOLATION);
            assertThat(verdict.violations())
                    .as(verdict.toString())
                    .extracting(Violation::rule)
                    .contains(rule);
            assertThat(verdict.violations())
                    .allSatisfy(violation -> assertThat(violation.message()).isNotBlank());
        }
    }
}
