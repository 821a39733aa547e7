package dev.rollcall.zookeeper;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Holds what a watch of pairs delivers, and notes every signal after which a pair is torn or time has gone back. */
final class Collector implements WatchListener {
    private final Map<Key, KeyValue> held = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> deletions = new ArrayList<>();
    private final List<Long> revisions = new ArrayList<>();
    private long revision;
    private int rewound;
    private int snapshots;
    private @Nullable KvException cause;

    @Override
    public synchronized void onSignal(WatchSignal signal) {
        if (signal.revision() < revision) {
            faults.add(signal + " came after revision " + revision);
        }
        if (signal instanceof Snapshot snapshot) {
            snapshots++;
            held.clear();
            snapshot.entries().forEach(entry -> held.put(entry.key(), entry));
        } else if (signal instanceof Changes changes) {
            changes.changes().forEach(change -> apply(change));
        }
        revision = signal.revision();
        revisions.add(revision);
        held.forEach((key, entry) -> {
            if (key.path().startsWith("/left/")) {
                KeyValue other = held.get(Key.of("/right/" + key.name()));
                if (other == null
                        || other.revision() != entry.revision()
                        || !other.value().equals(entry.value())) {
                    faults.add("after " + signal + " the pair of " + key + " was torn");
                }
            }
        });
    }

    private void apply(Change change) {
        if (change.revision() <= revision) {
            faults.add(change + " came after revision " + revision);
        }
        if (change instanceof Change.Put put) {
            held.put(put.key(), put.entry());
        } else {
            held.remove(change.key());
            deletions.add(change.key() + "@" + change.revision());
        }
    }

    /** The deletions that were told, in order, each with its revision. */
    synchronized List<String> deletions() {
        return List.copyOf(deletions);
    }

    @Override
    public synchronized void onRewound() {
        rewound++;
        revision = 0;
    }

    synchronized int rewound() {
        return rewound;
    }

    synchronized int snapshots() {
        return snapshots;
    }

    /** Why the watch has ended, or null. */
    synchronized @Nullable KvException cause() {
        return cause;
    }

    /** Those of all signals, in order. */
    synchronized List<Long> revisions() {
        return List.copyOf(revisions);
    }

    synchronized long revision() {
        return revision;
    }

    @Override
    public synchronized void onEnd(@Nullable KvException reason) {
        cause = reason;
        if (cause != null) {
            held.clear();
        }
    }

    synchronized Map<Key, KeyValue> held() {
        return new TreeMap<>(held);
    }

    synchronized List<String> faults() {
        return List.copyOf(faults);
    }
}
