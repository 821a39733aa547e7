package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

/**
 * An entry as the store had it.
 *
 * @param key its name
 * @param value its value, never null; may be empty
 * @param revision the revision of the last write to it, positive; the token for compare-and-set, which never matches a later incarnation
 * @param leased whether the entry lives only as long as a {@link Lease}, of this or another client
 */
public record KeyValue(Key key, Bytes value, long revision, boolean leased) {
    public KeyValue {
        requireNonNull(key, "key");
        requireNonNull(value, "value");
        Revisions.checkPositive(revision);
    }
}
