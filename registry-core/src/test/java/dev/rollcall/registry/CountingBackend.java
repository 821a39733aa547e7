package dev.rollcall.registry;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Counts what a handle is asked for and what it brings. */
class CountingBackend extends ForwardingBackend {
    /** The keys that watches and lists have brought, in the order in which they came, each time that they came. */
    final List<Key> delivered = new CopyOnWriteArrayList<>();

    final List<Key> listed = new CopyOnWriteArrayList<>();
    final List<Directory> watched = new CopyOnWriteArrayList<>();

    /** The watches that have been started and have neither ended nor been closed. */
    final Set<Object> running = ConcurrentHashMap.newKeySet();

    CountingBackend(KvBackend real) {
        super(real);
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return super.list(directory, consistency).thenApply(snapshot -> {
            snapshot.entries().stream().map(KeyValue::key).forEach(listed::add);
            return snapshot;
        });
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        Counted counted = new Counted(listener);
        watched.add(directory);
        running.add(counted);
        Watch watch = super.watch(directory, start, counted);
        return new Watch() {
            @Override
            public Directory directory() {
                return watch.directory();
            }

            @Override
            public void close() {
                running.remove(counted);
                watch.close();
            }
        };
    }

    private final class Counted implements WatchListener {
        private final WatchListener listener;

        Counted(WatchListener listener) {
            this.listener = listener;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Snapshot snapshot) {
                snapshot.entries().forEach(entry -> delivered.add(entry.key()));
            } else if (signal instanceof Changes changes) {
                changes.changes().forEach(change -> delivered.add(change.key()));
            }
            listener.onSignal(signal);
        }

        @Override
        public void onRewound() {
            listener.onRewound();
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            running.remove(this);
            listener.onEnd(cause);
        }
    }
}
