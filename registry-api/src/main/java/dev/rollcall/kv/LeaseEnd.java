package dev.rollcall.kv;

/** Why a {@link Lease} has ended. */
public enum LeaseEnd {
    /** Its holder revoked it, or closed its backend. */
    REVOKED,

    /** It expired, or could not be renewed in time, or the store no longer knows it. Its entries are gone or will be soon. */
    LOST
}
