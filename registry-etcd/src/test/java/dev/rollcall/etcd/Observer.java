package dev.rollcall.etcd;

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
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds what a watch delivers, and notes every breach of its grammar. */
final class Observer implements WatchListener {
    private final Map<Key, KeyValue> state = new TreeMap<>();
    private final List<WatchSignal> signals = new ArrayList<>();
    private final List<String> breaches = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Consumer<Map<Key, KeyValue>> check;
    private long revision = -1;
    private int rewound;
    private @Nullable KvException cause;

    Observer() {
        this(state -> {});
    }

    /** An observer that shows what it holds to {@code check} after each signal. */
    Observer(Consumer<Map<Key, KeyValue>> check) {
        this.check = check;
    }

    @Override
    public synchronized void onSignal(WatchSignal signal) {
        signals.add(signal);
        if (signal.revision() < revision) {
            breaches.add(signal + " after revision " + revision);
        }
        if (signal instanceof Snapshot snapshot) {
            state.clear();
            snapshot.entries().forEach(entry -> state.put(entry.key(), entry));
        } else if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                if (change.revision() <= revision) {
                    breaches.add(change + " after revision " + revision);
                }
                if (change instanceof Change.Put put) {
                    state.put(put.key(), put.entry());
                } else {
                    state.remove(change.key());
                }
            }
        }
        revision = signal.revision();
        try {
            check.accept(state);
        } catch (AssertionError e) {
            breaches.add(signal + ": " + e.getMessage());
        }
    }

    @Override
    public synchronized void onRewound() {
        rewound++;
        revision = -1;
    }

    synchronized int rewound() {
        return rewound;
    }

    @Override
    public synchronized void onEnd(@Nullable KvException reason) {
        cause = reason;
        ended.countDown();
    }

    synchronized long revision() {
        return revision;
    }

    synchronized List<WatchSignal> signals() {
        return List.copyOf(signals);
    }

    synchronized Map<Key, KeyValue> state() {
        return new TreeMap<>(state);
    }

    synchronized List<String> breaches() {
        return List.copyOf(breaches);
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    synchronized @Nullable KvException cause() {
        return cause;
    }

    /** The revisions of all changes, in the order they came. */
    synchronized List<Long> changeRevisions() {
        return signals.stream()
                .filter(Changes.class::isInstance)
                .flatMap(signal -> ((Changes) signal).changes().stream())
                .map(Change::revision)
                .toList();
    }
}
