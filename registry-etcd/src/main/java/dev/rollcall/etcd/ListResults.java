package dev.rollcall.etcd;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** Turns what a {@link PagedListing} has read into results. */
final class ListResults {
    private ListResults() {}

    /** All entries whose names are keys. */
    static Snapshot snapshot(
            KeySpace keys, Directory directory, List<io.etcd.jetcd.api.KeyValue> stored, long revision) {
        List<KeyValue> entries = new ArrayList<>(stored.size());
        for (io.etcd.jetcd.api.KeyValue one : stored) {
            KeyValue entry = keys.entry(one);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return new Snapshot(directory, entries, revision);
    }

    /** All names that are keys. */
    static KeyListing listing(
            KeySpace keys, Directory directory, List<io.etcd.jetcd.api.KeyValue> stored, long revision) {
        List<Key> found = new ArrayList<>(stored.size());
        for (io.etcd.jetcd.api.KeyValue one : stored) {
            Key key = keys.key(one.getKey());
            if (key != null) {
                found.add(key);
            }
        }
        return new KeyListing(directory, found, revision);
    }
}
