package dev.rollcall.inmemory;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.WatchIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The data of a store, its recent history, its leases and its watches: everything that its handles share. */
final class StoreData {
    /*
     * Concurrency:
     *   lock     one writer at a time. Guards the writing of state and history, leaseOf, leases and every StoredLease; and
     *            makes "this state, and all transactions after it" one moment for a watch that begins.
     *   state    immutable; readers take it once and need no lock.
     *   index    has a lock of its own, taken below this one.
     * Order of locks: a handle's Link, this lock, the index, a watch's mailbox.
     */
    private final ReentrantLock lock = new ReentrantLock();
    private final WatchIndex index = new WatchIndex();
    private final Map<Key, StoredLease> leaseOf = new HashMap<>();
    private final RecentTransactions history;
    private volatile State state = State.EMPTY;
    private long leases;

    StoreData(int historyLimit) {
        this.history = new RecentTransactions(historyLimit);
    }

    State state() {
        return state;
    }

    RecentTransactions history() {
        return history;
    }

    /** Applies {@code txn}, whose lease is known here as {@code lease}. */
    Commit commit(Context context, Txn txn, @Nullable StoredLease lease) {
        lock.lock();
        try {
            if (lease != null && lease.ended) {
                throw new LeaseLostException(context, lease.id, null);
            }
            State before = state;
            for (Condition condition : txn.conditions()) {
                KeyValue entry = before.entries().get(condition.key().path());
                long actual = entry == null ? 0 : entry.revision();
                if (!condition.holds(actual)) {
                    throw ConditionFailedException.of(context, condition, actual);
                }
            }
            return new Commit(apply(before, txn.writes(), lease));
        } finally {
            lock.unlock();
        }
    }

    StoredLease grant() {
        lock.lock();
        try {
            return new StoredLease(Long.toString(++leases));
        } finally {
            lock.unlock();
        }
    }

    /** Ends a lease and deletes its entries in one revision; has no effect if it has ended. */
    void end(StoredLease lease) {
        lock.lock();
        try {
            if (!lease.ended) {
                lease.ended = true;
                List<Write> deletes = new ArrayList<>();
                lease.keys.forEach(key -> deletes.add(new Write.Delete(key)));
                apply(state, deletes, null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the history up to {@code revision}. */
    void compact(long revision) {
        lock.lock();
        try {
            if (revision < 0 || revision > state.revision()) {
                throw new IllegalArgumentException("The store can be compacted up to its revision " + state.revision()
                        + ", but not up to " + revision + ".");
            }
            history.compact(revision);
        } finally {
            lock.unlock();
        }
    }

    /** Tells the watches, from this moment on, what is committed, and first what they have missed. */
    void attach(Collection<? extends StoreWatch> watches) {
        List<StoreWatch> needSnapshot = new ArrayList<>();
        State cut;
        lock.lock();
        try {
            cut = state;
            // All watches of a handle that was cut have missed the same: it is gone through once, not once for each.
            WatchIndex behind = new WatchIndex();
            long oldest = cut.revision();
            for (StoreWatch watch : watches) {
                if (watch.heard() < history.compacted() || watch.heard() < 0) {
                    if (!watch.missed(history)) {
                        continue;
                    }
                    needSnapshot.add(watch);
                } else if (watch.heard() < cut.revision()) {
                    behind.add(watch);
                    oldest = Math.min(oldest, watch.heard());
                }
                index.add(watch);
            }
            for (long revision = oldest + 1; revision <= cut.revision(); revision++) {
                // None is absent: every watch that is behind has heard at least what was compacted.
                behind.publish(requireNonNull(history.at(revision)).changes(), revision);
            }
        } finally {
            lock.unlock();
        }
        // Costs what the directory holds, so not under the lock; what is committed meanwhile waits in the mailbox.
        needSnapshot.forEach(watch -> watch.snapshot(cut.list(watch.directory())));
        // A watch that was closed before it was in the index has not been taken out of it.
        watches.stream().filter(StoreWatch::isEnded).forEach(index::remove);
    }

    /** Tells the watches nothing more until they are attached again; they remember up to which revision they were told. */
    void detach(Collection<? extends StoreWatch> watches) {
        lock.lock();
        try {
            for (StoreWatch watch : watches) {
                index.remove(watch);
                watch.heard(state.revision());
            }
        } finally {
            lock.unlock();
        }
    }

    void forget(StoreWatch watch) {
        index.remove(watch);
    }

    boolean isWatched() {
        return !index.isEmpty();
    }

    /** Writes, if there is anything to write, and returns the store's revision afterwards. */
    private long apply(State before, List<Write> writes, @Nullable StoredLease lease) {
        long revision = before.revision() + 1;
        PersistentTree<KeyValue> entries = before.entries();
        List<Change> changes = new ArrayList<>(writes.size());
        for (Write write : writes) {
            Key key = write.key();
            if (write instanceof Write.Put put) {
                if (put.lease() != null && lease != null) {
                    tie(key, lease);
                }
                boolean leased = leaseOf.containsKey(key);
                KeyValue entry = new KeyValue(key, put.value(), revision, leased);
                entries = entries.put(key.path(), entry);
                changes.add(new Change.Put(entry));
            } else if (entries.get(key.path()) != null) {
                untie(key);
                entries = entries.remove(key.path());
                changes.add(new Change.Delete(key, revision));
            }
        }
        if (changes.isEmpty()) {
            return before.revision();
        }
        changes.sort(Comparator.comparing(Change::key));
        List<Change> sorted = List.copyOf(changes);
        history.append(new RecentTransactions.Transaction(revision, sorted));
        state = new State(entries, revision);
        index.publish(sorted, revision);
        return revision;
    }

    private void tie(Key key, StoredLease lease) {
        untie(key);
        leaseOf.put(key, lease);
        lease.keys.add(key);
    }

    private void untie(Key key) {
        StoredLease lease = leaseOf.remove(key);
        if (lease != null) {
            lease.keys.remove(key);
        }
    }
}
