package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Txn;

/**
 * Proof of one turn of a lock or one term of a leader. Of two tokens of one lock, that with the greater revision is of the later turn.
 *
 * <p>A holder that was disconnected or paused may go on for a moment as if it still held. A write that is {@linkplain #guard guarded} by its token is
 * applied only if the holder's entry is still in the store at the moment of the write, hence only while no other can hold the lock. The guard makes a lock
 * safe, not the lock itself. Guarded writes must go to the same store. Where the protected thing is elsewhere, give it the revision, and let it refuse what
 * is smaller than the greatest that it has seen.
 *
 * @param entry the holder's entry in the queue; never used again by another turn
 * @param revision the revision at which the entry was created, positive
 */
public record FencingToken(Key entry, long revision) {
    public FencingToken {
        requireNonNull(entry, "entry");
        if (revision <= 0) {
            throw new IllegalArgumentException(
                    "A fencing token's revision is positive, but this one is " + revision + ".");
        }
    }

    /** Holds as long as the turn lasts; for use in a {@link Txn}. */
    public Condition condition() {
        return new Condition.RevisionIs(entry, revision);
    }

    /**
     * A transaction that does what {@code txn} does, but only while the turn lasts. Otherwise it fails with the {@link
     * ConditionFailedException} of {@link #condition()}, before any of its own conditions are looked at.
     *
     * @throws IllegalArgumentException if {@code txn} tests this entry itself, or has no room for one more condition
     */
    public Txn guard(Txn txn) {
        Txn.Builder guarded = Txn.builder().require(condition());
        txn.conditions().forEach(guarded::require);
        txn.writes().forEach(guarded::write);
        return guarded.build();
    }

    /** Whether a guarded write failed because the turn was over, and not by a condition of its own. */
    public boolean isWhatFailed(ConditionFailedException failure) {
        return condition().equals(failure.condition());
    }
}
