package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

/** The latest change of one key. */
public sealed interface Change {
    /** The key. */
    Key key();

    /** The revision of the write that left the key so. */
    long revision();

    /** The key holds this entry now; it may have been absent, or have had another value. */
    record Put(KeyValue entry) implements Change {
        public Put {
            requireNonNull(entry, "entry");
        }

        @Override
        public Key key() {
            return entry.key();
        }

        @Override
        public long revision() {
            return entry.revision();
        }
    }

    /** The key is absent now. The observer need not have seen it: it may have been created and deleted since the last signal. */
    record Delete(Key key, long revision) implements Change {
        public Delete {
            requireNonNull(key, "key");
            Revisions.checkPositive(revision);
        }
    }
}
