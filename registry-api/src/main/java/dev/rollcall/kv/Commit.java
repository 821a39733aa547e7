package dev.rollcall.kv;

/**
 * The answer to a {@link Txn} that was applied.
 *
 * @param revision the revision of all its writes; where it changed nothing, a store revision at which its conditions held
 */
public record Commit(long revision) {
    public Commit {
        Revisions.checkStore(revision);
    }
}
