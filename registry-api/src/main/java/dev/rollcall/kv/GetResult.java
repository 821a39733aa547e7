package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link KvBackend#get(Key)}: what a key held at a revision.
 *
 * @param key the key that was read
 * @param entryOrNull its entry, or null if the key was absent; {@link #entry()} is the friendlier form
 * @param revision the store revision at which this is exact; never less than the entry's own
 */
public record GetResult(Key key, @Nullable KeyValue entryOrNull, long revision) {
    public GetResult {
        requireNonNull(key, "key");
        Revisions.checkStore(revision);
    }

    /** The entry, or empty if the key was absent. */
    public Optional<KeyValue> entry() {
        return Optional.ofNullable(entryOrNull);
    }

    /** The value, or empty if the key was absent. */
    public Optional<Bytes> value() {
        return entry().map(KeyValue::value);
    }

    /** Whether the key was present. */
    public boolean isPresent() {
        return entryOrNull != null;
    }
}
