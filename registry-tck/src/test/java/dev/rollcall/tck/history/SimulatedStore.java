package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes small histories of a correct store: clients in random interleavings, each operation taking effect between call and return. */
final class SimulatedStore {
    private final Random random;
    private final List<Key> keys;
    private final boolean singleKey;
    private final TreeMap<Key, Entry> state = new TreeMap<>();
    private final List<Operation> done = new ArrayList<>();
    private final List<Long> seenRevisions = new ArrayList<>();
    private long revision = 1;
    private final List<WatchLog> watches = new ArrayList<>();
    private final List<Watching> watching = new ArrayList<>();
    /** The last change of each key that there ever was. */
    private final Map<Key, WatchLog.Item> changes = new TreeMap<>();
    /** Those that have made the present revision so far, if others may join them. */
    private final List<Operation> makers = new ArrayList<>();

    /** The keys that were there before the present revision. */
    private Set<Key> before = Set.of();

    /** Each state that somebody may still be shown by a sequential read, and what each client was told. */
    private final TreeMap<Long, List<Entry>> states = new TreeMap<>();

    private final Map<Integer, Long> told = new TreeMap<>();
    private boolean sequential;

    private long clock;
    private int lastId;
    /** Of so many answers to writes, one is lost; 0 for none. */
    private int losses = 4;

    private static final class Running {
        final int id;
        final int client;
        final Call call;
        final Moment called;
        /** In doubt: the client gives up, whether or not it has taken effect by then. */
        final boolean lost;

        @Nullable
        Result result;

        Running(int id, int client, Call call, Moment called, boolean lost) {
            this.id = id;
            this.client = client;
            this.call = call;
            this.called = called;
            this.lost = lost;
        }
    }

    /** A watch from a snapshot that is told what has changed now and then. */
    private static final class Watching {
        final Moment opened;
        final List<WatchLog.Delivery> deliveries = new ArrayList<>();
        long position;
        Set<Key> held = Set.of();

        Watching(Moment opened) {
            this.opened = opened;
        }
    }

    private SimulatedStore(Random random, int keys, boolean singleKey) {
        this.random = random;
        this.keys = List.of(Story.A, Story.B, Story.C).subList(0, keys);
        this.singleKey = singleKey;
    }

    /** Every write is answered. */
    static History answered(long seed, int keys, int clients, int operations) {
        SimulatedStore store = new SimulatedStore(new Random(seed), keys, false);
        store.losses = 0;
        return store.run(clients, operations, 0);
    }

    static History history(long seed, int keys, int clients, int operations, boolean singleKey) {
        return new SimulatedStore(new Random(seed), keys, singleKey).run(clients, operations, 0);
    }

    /** The same with watches. */
    static History watched(long seed, int keys, int clients, int operations, boolean singleKey) {
        return new SimulatedStore(new Random(seed), keys, singleKey).run(clients, operations, 2);
    }

    /** The same, where reads of one key may be sequential, and lag behind as far as their client was told nothing newer. */
    static History lagging(long seed, int keys, int clients, int operations, boolean singleKey) {
        SimulatedStore store = new SimulatedStore(new Random(seed), keys, singleKey);
        store.sequential = true;
        return store.run(clients, operations, 2);
    }

    private History run(int clients, int operations, int watchers) {
        Running[] busy = new Running[clients];
        List<Running> abandoned = new ArrayList<>();
        int started = 0;
        int idle = clients;
        while (started < operations || idle < clients) {
            int client = random.nextInt(clients);
            Running running = busy[client];
            if (running == null) {
                if (started < operations) {
                    lastId++;
                    started++;
                    idle--;
                    Call call = call();
                    boolean lost = losses > 0 && !call.isRead() && random.nextInt(losses) == 0;
                    busy[client] = new Running(lastId, client, call, now(), lost);
                }
            } else if (running.result == null && !(running.lost && random.nextBoolean())) {
                running.result = perform(running);
            } else {
                if (running.result == null) {
                    abandoned.add(running);
                }
                finish(running);
                busy[client] = null;
                idle++;
            }
            if (!abandoned.isEmpty() && random.nextInt(6) == 0) {
                perform(abandoned.remove(random.nextInt(abandoned.size())));
            }
            if (watching.size() < watchers && random.nextInt(3) == 0) {
                watching.add(new Watching(now()));
            }
            watching.stream().filter(each -> random.nextInt(5) == 0).forEach(this::tell);
        }
        watching.forEach(this::tell);
        for (Watching each : watching) {
            watches.add(new WatchLog(
                    watches.size() + 1,
                    "watcher",
                    Story.DIR,
                    WatchLog.Start.SNAPSHOT,
                    0,
                    each.opened,
                    null,
                    each.position,
                    each.deliveries));
        }
        return new History(done, watches, List.of());
    }

    private void tell(Watching watch) {
        makers.clear();
        boolean gap = watch.deliveries.isEmpty() || random.nextInt(8) == 0;
        for (WatchLog.Item item : changes.values()) {
            // Of a key that came and went, the watch knows that it has gone, or that it does not know everything.
            boolean passed = !gap
                    && item.revision() > watch.position
                    && item.entry() == null
                    && !watch.held.contains(item.key());
            gap |= passed && !random.nextBoolean();
        }
        if (gap) {
            watch.deliveries.add(
                    new WatchLog.Delivery(now(), new WatchLog.Whole(List.copyOf(state.values()), revision)));
        } else {
            List<WatchLog.Item> items = changes.values().stream()
                    .filter(item -> item.revision() > watch.position)
                    .sorted(Comparator.comparingLong(WatchLog.Item::revision).thenComparing(WatchLog.Item::key))
                    .toList();
            watch.deliveries.add(new WatchLog.Delivery(now(), new WatchLog.Delta(items, revision)));
        }
        watch.position = revision;
        watch.held = Set.copyOf(state.keySet());
    }

    private void finish(Running running) {
        // Who begins from now on is not concurrent with what was done so far.
        makers.clear();
        Result result = running.lost || running.result == null ? new Result.Unknown("lost") : running.result;
        told.merge(running.client, result.revisionOrNone(), Math::max);
        done.add(new Operation(running.id, "c" + running.client, running.call, running.called, now(), result));
    }

    private Moment now() {
        clock++;
        return new Moment(clock, clock);
    }

    private Key key() {
        return keys.get(random.nextInt(keys.size()));
    }

    private Call call() {
        int kind = random.nextInt(singleKey ? 8 : 11);
        Key key = key();
        String value = "v" + lastId;
        return switch (kind) {
            case 0, 1 -> sequential && kind == 1 ? Story.glance(key) : Story.get(key);
            case 2 -> Story.put(key, value);
            case 3 -> Story.createKey(key, value);
            case 4 -> Story.delete(key);
            case 5, 6 -> Story.update(key, value, someRevision());
            case 7 -> random.nextBoolean() ? Story.get(key) : Story.commit(List.of(), Edit.delete(key));
            case 8 -> new Call.Entries(Story.DIR, ReadConsistency.LINEARIZABLE);
            case 9 -> new Call.Keys(Story.DIR);
            default -> transaction(value);
        };
    }

    private Call transaction(String value) {
        List<Condition> conditions = new ArrayList<>();
        List<Edit> writes = new ArrayList<>();
        for (Key key : keys) {
            switch (random.nextInt(5)) {
                case 0 -> conditions.add(new Condition.Absent(key));
                case 1 -> conditions.add(new Condition.Present(key));
                case 2 -> conditions.add(new Condition.RevisionIs(key, someRevision()));
                default -> {}
            }
            switch (random.nextInt(4)) {
                case 0, 1 -> writes.add(Edit.put(key, value));
                case 2 -> writes.add(Edit.delete(key));
                default -> {}
            }
        }
        return new Call.Commit(conditions, writes);
    }

    /** Mostly one that a client may know. */
    private long someRevision() {
        if (seenRevisions.isEmpty()) {
            return 1;
        }
        return seenRevisions.get(Math.max(0, seenRevisions.size() - 1 - random.nextInt(3)));
    }

    private Result perform(Running running) {
        Call call = running.call;
        if (!(call instanceof Call.Commit)) {
            makers.clear();
        }
        states.put(revision, List.copyOf(state.values()));
        if (call instanceof Call.Get get && get.isSequential()) {
            long floor = told.getOrDefault(running.client, 0L);
            List<Long> possible = List.copyOf(states.tailMap(floor).keySet());
            long at = possible.get(random.nextInt(possible.size()));
            Optional<Entry> entry = requireNonNull(states.get(at)).stream()
                    .filter(each -> each.key().equals(get.key()))
                    .findFirst();
            return new Result.Got(entry.orElse(null), at);
        } else if (call instanceof Call.Get get) {
            Entry entry = state.get(get.key());
            return new Result.Got(entry, revision);
        } else if (call instanceof Call.Entries) {
            return new Result.Listed(List.copyOf(state.values()), revision);
        } else if (call instanceof Call.Keys) {
            return new Result.KeysListed(List.copyOf(state.keySet()), revision);
        } else if (call instanceof Call.Commit commit) {
            return commit(commit, running);
        }
        throw new IllegalArgumentException(call.toString());
    }

    private Result commit(Call.Commit commit, Running running) {
        Operation operation = new Operation(running.id, "", commit, running.called, null, new Result.Pending());
        for (int i = 0; i < commit.conditions().size(); i++) {
            Condition condition = commit.conditions().get(i);
            Entry entry = state.get(condition.key());
            long actual = entry == null ? 0 : entry.revision();
            boolean holds = condition instanceof Condition.Absent
                    ? actual == 0
                    : condition instanceof Condition.RevisionIs expected ? actual == expected.revision() : actual > 0;
            if (!holds) {
                makers.clear();
                return new Result.ConditionFailed(i, actual);
            }
        }
        boolean changed =
                commit.writes().stream().anyMatch(write -> !write.isDelete() || state.containsKey(write.key()));
        if (!changed) {
            makers.clear();
        } else if (!mayJoin(operation)) {
            makers.clear();
            before = Set.copyOf(state.keySet());
            revision += 1 + random.nextInt(2);
            seenRevisions.add(revision);
        }
        if (changed) {
            makers.add(operation);
        }
        for (Edit write : commit.writes()) {
            Key key = write.key();
            if (write.value() != null) {
                state.put(key, new Entry(key, write.value(), revision, false));
                changes.put(key, WatchLog.Item.put(requireNonNull(state.get(key))));
            } else if (state.remove(key) != null) {
                changes.put(key, WatchLog.Item.delete(key, revision));
            }
        }
        return new Result.Committed(revision);
    }

    /** Whether a transaction can share a request with those that made the present revision, none of which has been answered. */
    private boolean mayJoin(Operation operation) {
        return !makers.isEmpty()
                && random.nextBoolean()
                && makers.stream().noneMatch(maker -> Sharing.isForbidden(maker, operation, before::contains));
    }
}
