package dev.rollcall.benchmarks.stores;

/** Promises of presence, which the client keeps alive. */
interface ContenderLeases {
    /** How long an entry outlives its holder. */
    int TTL_SECONDS = 30;

    /** What a raw client has for them, for the report. */
    String name();

    /** Gets leases of {@link #TTL_SECONDS}, and returns when all are held. */
    void grant(int count) throws Exception;

    /** Gives all of them back. */
    void release() throws Exception;
}
