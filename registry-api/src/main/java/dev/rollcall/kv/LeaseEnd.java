package dev.rollcall.kv;

/** Why a {@link Lease} has ended. */
public enum LeaseEnd {
    /** Its holder revoked it, or closed its backend, and the store has confirmed that it and its entries are gone. */
    REVOKED,

    /**
     * It expired, or could not be renewed in time, or the store no longer knows it; or its holder ended it and the store has not confirmed
     * that. Its entries are gone, or will be within its ttl.
     */
    LOST
}
