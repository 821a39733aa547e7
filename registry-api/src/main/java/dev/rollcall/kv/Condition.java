package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

/** What must hold for a {@link Txn} to be applied. */
public sealed interface Condition {
    /** The key that the condition is about. */
    Key key();

    /** Whether the condition holds for a key whose entry was last written at {@code actualRevision}, or which is absent if that is 0. */
    boolean holds(long actualRevision);

    /** Holds if the key is absent; fails with {@link KeyExistsException}. */
    record Absent(Key key) implements Condition {
        public Absent {
            requireNonNull(key, "key");
        }

        @Override
        public boolean holds(long actualRevision) {
            return actualRevision == 0;
        }
    }

    /** Holds if the key is present, at any revision; fails with {@link KeyNotFoundException}. */
    record Present(Key key) implements Condition {
        public Present {
            requireNonNull(key, "key");
        }

        @Override
        public boolean holds(long actualRevision) {
            return actualRevision > 0;
        }
    }

    /**
     * Holds if the key is present and was last written at {@code revision}; fails with {@link RevisionMismatchException}. Since no
     * revision is used twice, an entry that was deleted and created again never matches.
     */
    record RevisionIs(Key key, long revision) implements Condition {
        public RevisionIs {
            requireNonNull(key, "key");
            Revisions.checkPositive(revision);
        }

        @Override
        public boolean holds(long actualRevision) {
            return actualRevision == revision;
        }
    }
}
