package dev.rollcall.inmemory;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** Everything a store holds, as it was at one revision. */
record State(PersistentTree<KeyValue> entries, long revision) {
    static final State EMPTY = new State(PersistentTree.empty(), 0);

    GetResult get(Key key) {
        return new GetResult(key, entries.get(key.path()), revision);
    }

    Snapshot list(Directory directory) {
        List<KeyValue> found = new ArrayList<>();
        entries.forEach(directory.rangeStart(), directory.rangeEnd(), found::add);
        return new Snapshot(directory, found, revision);
    }
}
