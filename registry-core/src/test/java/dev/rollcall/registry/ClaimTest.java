package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClaimTest {
    private static final Key RECORD = Key.of("/r/pumps/p");
    private static final Key CLAIM = Key.of("/r/.rollcall/alive/pumps/p");
    private static final Key MARK = Key.of("/r/.rollcall/kept/pumps/p");
    private static final Bytes VALUE = Bytes.ofUtf8("value");
    private static final Bytes OTHER = Bytes.ofUtf8("other");

    private final Lease lease = new StillLease();

    private static Claim claim(RegistrationMode mode) {
        Claim claim = new Claim(RECORD, CLAIM, MARK, mode, null);
        claim.nextTerm();
        return claim;
    }

    private static GetResult absent(Key key) {
        return new GetResult(key, null, 100);
    }

    private static GetResult present(Key key, Bytes value, long revision, boolean leased) {
        return new GetResult(key, new KeyValue(key, value, revision, leased), 100);
    }

    /** With a mark that covers the record. */
    private static Claim.Seen seen(GetResult held, GetResult record) {
        KeyValue present = record.entryOrNull();
        GetResult mark = present == null ? absent(MARK) : present(MARK, OTHER, present.revision(), false);
        return new Claim.Seen(held, record, mark);
    }

    /** The claim's own token, as it writes it. */
    private Bytes token(Claim claim) {
        Claim.Step.Repair first = repair(claim, absent(CLAIM), absent(RECORD));
        return first.txn().writes().stream()
                .filter(write -> write.key().equals(CLAIM))
                .map(write -> ((Write.Put) write).value())
                .findFirst()
                .orElseThrow();
    }

    private Claim.Step.Repair repair(Claim claim, GetResult held, GetResult record) {
        return (Claim.Step.Repair) claim.decide(seen(held, record), VALUE, lease, 0);
    }

    private static @Nullable Write write(Txn txn, Key key) {
        return txn.writes().stream()
                .filter(write -> write.key().equals(key))
                .findFirst()
                .orElse(null);
    }

    @ParameterizedTest
    @EnumSource
    void freeIdIsClaimedInOneStepOnlyIfBothKeysAreAbsent(RegistrationMode mode) {
        Txn txn = repair(claim(mode), absent(CLAIM), absent(RECORD)).txn();
        assertThat(txn.conditions()).containsExactly(new Condition.Absent(CLAIM), new Condition.Absent(RECORD));
        boolean leased = mode == RegistrationMode.EPHEMERAL;
        assertThat(write(txn, RECORD)).isEqualTo(new Write.Put(RECORD, VALUE, leased ? lease : null));
        assertThat(write(txn, MARK)).isInstanceOf(leased ? Write.Delete.class : Write.Put.class);
        assertThat(((Write.Put) txn.writes().get(0)).lease()).isSameAs(lease);
    }

    @ParameterizedTest
    @EnumSource
    void everythingInPlaceNeedsNothing(RegistrationMode mode) {
        Claim claim = claim(mode);
        boolean leased = mode == RegistrationMode.EPHEMERAL;
        assertThat(claim.decide(
                        seen(present(CLAIM, token(claim), 5, true), present(RECORD, VALUE, 6, leased)),
                        VALUE,
                        lease,
                        0))
                .isEqualTo(new Claim.Step.Nothing(5, 6));
    }

    @ParameterizedTest
    @EnumSource
    void claimOfAnotherIsAConflictWhateverTheRecord(RegistrationMode mode) {
        Bytes foreign = token(claim(mode));
        for (GetResult record : new GetResult[] {absent(RECORD), present(RECORD, VALUE, 6, true)}) {
            assertThat(claim(mode).decide(seen(present(CLAIM, foreign, 5, true), record), VALUE, lease, 6))
                    .isInstanceOf(Claim.Step.Conflict.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void entriesUnderAFormerLeaseMoveToTheNewOneAndAreNeverDeleted(RegistrationMode mode) {
        Claim claim = claim(mode);
        Bytes former = token(claim);
        claim.nextTerm();
        boolean leased = mode == RegistrationMode.EPHEMERAL;
        Claim.Step.Repair repair = repair(claim, present(CLAIM, former, 5, true), present(RECORD, VALUE, 5, leased));
        assertThat(write(repair.txn(), CLAIM)).isEqualTo(new Write.Put(CLAIM, token(claim), lease));
        // A kept record that is right already is not written: its watchers would see a change that is none.
        assertThat(write(repair.txn(), RECORD)).isEqualTo(leased ? new Write.Put(RECORD, VALUE, lease) : null);
        assertThat(repair.footing().at(new Commit(9))).isEqualTo(new Claim.Footing(9, leased ? 9 : 5));
    }

    @ParameterizedTest
    @EnumSource
    void recordThatIsWrittenAnewIsMarkedAnew(RegistrationMode mode) {
        Claim claim = claim(mode);
        Txn txn = repair(claim, present(CLAIM, token(claim), 5, true), absent(RECORD))
                .txn();
        assertThat(write(txn, CLAIM)).isNull();
        assertThat(write(txn, RECORD)).isInstanceOf(Write.Put.class);
        assertThat(write(txn, MARK) != null).isEqualTo(mode == RegistrationMode.PERSISTENT);
    }

    @Test
    void leasedRecordThatSomeoneHasWrittenWithoutALeaseIsLeasedAgain() {
        Claim claim = claim(RegistrationMode.EPHEMERAL);
        Claim.Step.Repair repair =
                repair(claim, present(CLAIM, token(claim), 5, true), present(RECORD, VALUE, 8, false));
        assertThat(repair.txn().conditions())
                .containsExactly(new Condition.RevisionIs(CLAIM, 5), new Condition.RevisionIs(RECORD, 8));
        assertThat(repair.txn().writes()).containsExactly(new Write.Put(RECORD, VALUE, lease));
    }

    @Test
    void strangersRecordIsAConflictForALeasedOneUnlessItIsTheOneWeWrote() {
        Claim claim = claim(RegistrationMode.EPHEMERAL);
        GetResult record = present(RECORD, OTHER, 8, true);
        assertThat(claim.decide(seen(absent(CLAIM), record), VALUE, lease, 7)).isInstanceOf(Claim.Step.Conflict.class);
        assertThat(claim.decide(seen(absent(CLAIM), record), VALUE, lease, 8)).isInstanceOf(Claim.Step.Repair.class);
    }

    @Test
    void recordThatAWriteInDoubtMayHaveLeftUnderOurLeaseIsNoStrangers() {
        // Its claim was deleted by hand meanwhile. As our own lease keeps the record, waiting for its end would never
        // end.
        Claim claim = claim(RegistrationMode.EPHEMERAL);
        claim.mayHaveWritten(OTHER);
        Claim.Seen left = seen(absent(CLAIM), present(RECORD, OTHER, 8, true));
        assertThat(claim.decide(left, VALUE, lease, 7)).isInstanceOf(Claim.Step.Repair.class);
        assertThat(claim.decide(seen(absent(CLAIM), present(RECORD, OTHER, 8, false)), VALUE, lease, 7))
                .isInstanceOf(Claim.Step.Conflict.class);
        claim.settled();
        assertThat(claim.decide(left, VALUE, lease, 7)).isInstanceOf(Claim.Step.Conflict.class);
    }

    @Test
    void strangersRecordIsAdoptedByAKeptOne() {
        Txn txn = repair(claim(RegistrationMode.PERSISTENT), absent(CLAIM), present(RECORD, OTHER, 8, false))
                .txn();
        assertThat(txn.conditions()).contains(new Condition.RevisionIs(RECORD, 8));
        assertThat(write(txn, RECORD)).isEqualTo(new Write.Put(RECORD, VALUE, null));
    }

    @Test
    void keptRecordIsWrittenAgainWhereItsMarkDoesNotCoverIt() {
        Claim claim = claim(RegistrationMode.PERSISTENT);
        GetResult held = present(CLAIM, token(claim), 5, true);
        GetResult record = present(RECORD, VALUE, 6, false);
        for (GetResult mark : new GetResult[] {absent(MARK), present(MARK, OTHER, 5, false)}) {
            Claim.Step step = claim.decide(new Claim.Seen(held, record, mark), VALUE, lease, 6);
            Txn txn = ((Claim.Step.Repair) step).txn();
            assertThat(write(txn, RECORD)).isEqualTo(new Write.Put(RECORD, VALUE, null));
            assertThat(write(txn, MARK)).isInstanceOf(Write.Put.class);
            assertThat(write(txn, CLAIM)).isNull();
        }
    }

    @Test
    void everyWriteOfAKeptRecordWritesItsMark() {
        Claim claim = claim(RegistrationMode.PERSISTENT);
        Claim.Footing footing = new Claim.Footing(5, 6);
        for (Txn txn : new Txn[] {claim.update(footing, OTHER), claim.depart(footing, OTHER)}) {
            assertThat(write(txn, RECORD)).isEqualTo(new Write.Put(RECORD, OTHER, null));
            assertThat(write(txn, MARK)).isInstanceOf(Write.Put.class);
        }
    }

    @Test
    void updateIsBoundToBothRevisions() {
        Txn txn = claim(RegistrationMode.EPHEMERAL).update(new Claim.Footing(5, 6), OTHER);
        assertThat(txn.conditions())
                .containsExactly(new Condition.RevisionIs(CLAIM, 5), new Condition.RevisionIs(RECORD, 6));
        assertThat(txn.writes()).containsExactly(new Write.Put(RECORD, OTHER, null));
    }

    private static final class StillLease implements Lease {
        @Override
        public String id() {
            return "still";
        }

        @Override
        public Duration ttl() {
            return Duration.ofSeconds(10);
        }

        @Override
        public boolean isHeld() {
            return true;
        }

        @Override
        public CompletionStage<LeaseEnd> ended() {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> revoke() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {}
    }
}
