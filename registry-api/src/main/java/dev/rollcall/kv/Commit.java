package dev.rollcall.kv;

/**
 * The answer to a {@link Txn} that was applied.
 *
 * @param revision the revision of all its writes, which commits that touch none of its keys may share; where it changed nothing, a store revision at
 *     which its conditions held
 */
public record Commit(long revision) {
    public Commit {
        Revisions.checkStore(revision);
    }
}
