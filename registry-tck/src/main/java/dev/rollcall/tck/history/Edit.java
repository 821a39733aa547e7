package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.Write;
import org.jspecify.annotations.Nullable;

/**
 * One write of a transaction.
 *
 * @param key the key
 * @param value what it is set to, as in {@link Entry#value()}, or null if it is deleted
 * @param lease the id of the lease it is tied to, or null if its lease stays as it is
 */
public record Edit(
        Key key, @Nullable String value, @Nullable String lease) {
    public Edit {
        requireNonNull(key, "key");
    }

    /** Sets a key. */
    public static Edit put(Key key, String value) {
        return new Edit(key, requireNonNull(value, "value"), null);
    }

    /** Deletes a key. */
    public static Edit delete(Key key) {
        return new Edit(key, null, null);
    }

    static Edit of(Write write) {
        if (write instanceof Write.Put put) {
            return new Edit(
                    put.key(),
                    ValueTag.of(put.value()),
                    put.lease() == null ? null : put.lease().id());
        }
        return delete(write.key());
    }

    /** Whether this is a deletion. */
    public boolean isDelete() {
        return value == null;
    }

    @Override
    public String toString() {
        return isDelete()
                ? "delete " + key
                : "put " + key + " = " + value + (lease == null ? "" : " on lease " + lease);
    }
}
