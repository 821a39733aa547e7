package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;

/**
 * An entry as somebody saw it.
 *
 * @param key its name
 * @param value its value: the text itself if that is short and plain, else a digest
 * @param revision the revision it carried
 * @param leased whether it was said to live on a lease
 */
public record Entry(Key key, String value, long revision, boolean leased) {
    public Entry {
        requireNonNull(key, "key");
        requireNonNull(value, "value");
    }

    static Entry of(KeyValue entry) {
        return new Entry(entry.key(), ValueTag.of(entry.value()), entry.revision(), entry.leased());
    }
}
