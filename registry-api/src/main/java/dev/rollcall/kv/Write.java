package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** One change of a {@link Txn}. */
public sealed interface Write {
    /** The key that is written. */
    Key key();

    /**
     * Sets the value of a key, present or not.
     *
     * @param value the new value, at most {@value Limits#MAX_VALUE_BYTES} bytes
     * @param lease the lease that the entry shall have from now on, whichever it had before; null leaves the lease as it is: an entry
     *     that has one keeps it, a new entry has none
     */
    record Put(Key key, Bytes value, @Nullable Lease lease) implements Write {
        public Put {
            requireNonNull(key, "key");
            requireNonNull(value, "value");
            if (value.size() > Limits.MAX_VALUE_BYTES) {
                throw new IllegalArgumentException("The value for '" + key + "' has " + value.size()
                        + " bytes, more than the limit of " + Limits.MAX_VALUE_BYTES + ".");
            }
        }
    }

    /** Makes a key absent. A key that is absent already stays so, without a revision and without an event. */
    record Delete(Key key) implements Write {
        public Delete {
            requireNonNull(key, "key");
        }
    }
}
