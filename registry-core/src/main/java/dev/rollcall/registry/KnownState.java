package dev.rollcall.registry;

import org.jspecify.annotations.Nullable;

/**
 * What a registration knows of its keys in the store: their revisions, if it has read or written them and nothing has happened since that may have
 * changed them. Confined to its registration's lane.
 */
final class KnownState {
    private Claim.@Nullable Footing footing;

    /** What is known is exact up to here: a change by others has a greater revision. */
    private long knownAt;

    /** The greatest revision of a change of our keys, ours or others', or up to which one may have been missed. */
    private long changedAt;

    private long lastWritten;

    /** The revisions of the keys, or null if the store has to be read. */
    Claim.@Nullable Footing footing() {
        return footing;
    }

    /** A read or a write of ours has shown the state at {@code revision}. */
    void exactAt(long revision) {
        knownAt = revision;
    }

    /** These are the revisions of the keys, as far as the last read or write of ours tells. */
    void stand(Claim.Footing standing) {
        footing = standing;
    }

    /** The revision of the record that was written, or found as it shall be, last; 0 if there was none. */
    long lastWritten() {
        return lastWritten;
    }

    void wrote(long revision) {
        lastWritten = revision;
    }

    /** A failure, an unknown outcome or a change by others: the store has to be read. */
    void invalidate() {
        footing = null;
    }

    /** A key was changed at {@code revision}, or may have been up to it. */
    void changed(long revision) {
        changedAt = Math.max(changedAt, revision);
    }

    /** Whether others have changed the keys since the last read or write of ours. */
    boolean isBehind() {
        return changedAt > knownAt;
    }

    /** The store has gone back in time, so that its revisions begin again. */
    void rewound() {
        knownAt = 0;
        changedAt = 0;
    }
}
