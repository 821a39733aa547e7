package dev.rollcall.kv;

/** How fresh a read has to be. */
public enum ReadConsistency {
    /**
     * The read takes effect at one moment between its call and its return: it sees every write that was acknowledged to any client
     * before the call. The default. On ZooKeeper it costs one quorum write, shared by all reads of a batch.
     */
    LINEARIZABLE,

    /**
     * The read may be stale, but never older than what this handle has already read, written or been told by a watch. Answered by
     * any member of a cluster without asking the others.
     */
    SEQUENTIAL
}
