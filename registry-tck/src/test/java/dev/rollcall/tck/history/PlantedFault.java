package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Changes what one client was told into something that nothing explains, whatever became of the operations in doubt: it contradicts
 * acknowledged puts alone.
 */
enum PlantedFault {
    /** A read is answered with what an acknowledged put had replaced before it was called. */
    STALE_READ {
        @Override
        List<History> all(History history) {
            return reads(history, (read, key) -> {
                Entry old = replaced(history, key, read);
                return old == null ? null : new Result.Got(old, old.revision());
            });
        }
    },
    /** The same, and the read says that it is fresh. */
    DOUBLE_APPLY {
        @Override
        List<History> all(History history) {
            return reads(history, (read, key) -> {
                Entry old = replaced(history, key, read);
                long revision = read.result().revisionOrNone();
                return old == null || revision <= old.revision()
                        ? null
                        : new Result.Got(new Entry(key, old.value(), revision, false), revision);
            });
        }
    },
    /** A read finds nothing, although a put was acknowledged before and nothing deletes its key. */
    LOST_WRITE {
        @Override
        List<History> all(History history) {
            return reads(
                    history,
                    (read, key) -> isThere(history, key, read)
                            ? new Result.Got(null, read.result().revisionOrNone())
                            : null);
        }
    },
    /** A list lacks an entry. */
    TORN_LIST {
        @Override
        List<History> all(History history) {
            return answers(history, list -> {
                if (list.result() instanceof Result.Listed listed) {
                    List<Entry> left = new ArrayList<>(listed.entries());
                    if (left.removeIf(entry -> isThere(history, entry.key(), list))) {
                        return new Result.Listed(left, listed.revision());
                    }
                }
                return null;
            });
        }
    },
    /** A list has an entry that an acknowledged put had replaced. */
    STALE_LIST {
        @Override
        List<History> all(History history) {
            return answers(history, list -> {
                if (list.result() instanceof Result.Listed listed) {
                    List<Entry> entries = new ArrayList<>(listed.entries());
                    for (int i = 0; i < entries.size(); i++) {
                        Entry old = replaced(history, entries.get(i).key(), list);
                        if (old != null) {
                            entries.set(i, old);
                            return new Result.Listed(entries, listed.revision());
                        }
                    }
                }
                return null;
            });
        }
    },
    /** A condition fails, and what it is said to have found had been replaced. */
    STALE_REFUSAL {
        @Override
        List<History> all(History history) {
            return refusals(history, (refused, condition) -> {
                Entry old = replaced(history, condition.key(), refused);
                return old == null || condition.holds(old.revision()) ? null : old.revision();
            });
        }
    },
    /** A condition fails because its key is said to be absent, and it is not. */
    REFUSED_FOR_NOTHING {
        @Override
        List<History> all(History history) {
            return refusals(
                    history,
                    (refused, condition) ->
                            isThere(history, condition.key(), refused) && !condition.holds(0) ? 0L : null);
        }
    },
    /** A put of a revision that an acknowledged put had replaced is acknowledged. */
    LOST_UPDATE {
        @Override
        List<History> all(History history) {
            long next = history.operations().stream()
                            .mapToLong(operation -> operation.result().revisionOrNone())
                            .max()
                            .orElse(0)
                    + 1;
            return answers(
                    history,
                    operation -> operation.call() instanceof Call.Commit commit
                                    && operation.result() instanceof Result.ConditionFailed
                                    && commit.hasPut()
                                    && commit.conditions().stream()
                                            .anyMatch(condition -> wasReplaced(history, condition, operation))
                            ? new Result.Committed(next)
                            : null);
        }
    },
    /** An acknowledged put is said to have failed, and somebody saw its value. */
    SEEN_FAILURE {
        @Override
        List<History> all(History history) {
            Sightings sightings = new Sightings(history);
            return answers(
                    history,
                    operation -> puts(operation)
                                    .anyMatch(entry ->
                                            entry.value().equals(sightings.valueAt(entry.key(), entry.revision())))
                            ? new Result.NotApplied("lie")
                            : null);
        }
    },
    /** A put is acknowledged with another revision than its value was seen with. */
    WRONG_REVISION {
        @Override
        List<History> all(History history) {
            Sightings sightings = new Sightings(history);
            return answers(
                    history,
                    operation -> puts(operation)
                                    .anyMatch(entry ->
                                            entry.value().equals(sightings.valueAt(entry.key(), entry.revision())))
                            ? new Result.Committed(operation.result().revisionOrNone() + 1)
                            : null);
        }
    },
    /** A watch is told of a revision without one of the puts in it. */
    SKIPPED_CHANGE {
        @Override
        List<History> all(History history) {
            return signals(history, signal -> {
                if (signal instanceof WatchLog.Delta delta) {
                    List<WatchLog.Item> left = new ArrayList<>(delta.items());
                    if (left.removeIf(item -> item.entry() != null
                            && item.revision() == delta.revision()
                            && acknowledged(history, item.key(), null).contains(item.entry()))) {
                        return new WatchLog.Delta(left, delta.revision());
                    }
                }
                return null;
            });
        }
    },
    /** A watch is told of a revision without the deletion of a key that an acknowledged put had made since its last signal. */
    UNTOLD_PASSAGE {
        @Override
        List<History> all(History history) {
            long[] before = {-1};
            return signals(history, signal -> {
                long since = before[0];
                before[0] = signal instanceof WatchLog.Delta delta
                        ? delta.revision()
                        : signal instanceof WatchLog.Whole whole ? whole.revision() : -1;
                if (signal instanceof WatchLog.Delta delta) {
                    List<WatchLog.Item> left = new ArrayList<>(delta.items());
                    if (left.removeIf(item -> item.entry() == null
                            && acknowledged(history, item.key(), null).stream()
                                    .anyMatch(put -> put.revision() > since && put.revision() < item.revision()))) {
                        return new WatchLog.Delta(left, delta.revision());
                    }
                }
                return null;
            });
        }
    },
    /** A snapshot of a watch has an entry that an acknowledged put had replaced. */
    STALE_SNAPSHOT {
        @Override
        List<History> all(History history) {
            return signals(history, signal -> {
                if (signal instanceof WatchLog.Whole whole) {
                    List<Entry> entries = new ArrayList<>(whole.entries());
                    for (int i = 0; i < entries.size(); i++) {
                        Entry held = entries.get(i);
                        List<Entry> older = acknowledged(history, held.key(), null).stream()
                                .filter(entry -> entry.revision() < held.revision())
                                .toList();
                        boolean known = acknowledged(history, held.key(), null).contains(held);
                        if (known && !older.isEmpty()) {
                            entries.set(i, older.get(older.size() - 1));
                            return new WatchLog.Whole(entries, whole.revision());
                        }
                    }
                }
                return null;
            });
        }
    };

    /** The history with one fault of this kind, in every place where there is room for it. */
    abstract List<History> all(History history);

    /** The history with one fault of this kind, if there is room for any. */
    Optional<History> in(History history, Random random) {
        List<History> all = all(history);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private interface Lie<T, R> {
        @Nullable
        R of(Operation operation, T about);
    }

    private static List<History> answers(History history, Function<Operation, @Nullable Result> lie) {
        List<History> all = new ArrayList<>();
        for (Operation operation : history.operations()) {
            Result result = lie.apply(operation);
            if (result != null) {
                Operation liar = operation.withResult(result);
                all.add(history.map(each -> each.id() == liar.id() ? liar : each));
            }
        }
        return all;
    }

    private static List<History> reads(History history, Lie<Key, Result> lie) {
        return answers(
                history,
                operation -> operation.call() instanceof Call.Get get
                                && !get.isSequential()
                                && operation.result() instanceof Result.Got
                        ? lie.of(operation, get.key())
                        : null);
    }

    private static List<History> refusals(History history, Lie<Condition, Long> lie) {
        return answers(history, operation -> {
            if (operation.call() instanceof Call.Commit commit
                    && operation.result() instanceof Result.ConditionFailed failed) {
                Long actual = lie.of(operation, commit.conditions().get(failed.condition()));
                return actual == null || actual == failed.actualRevision()
                        ? null
                        : new Result.ConditionFailed(failed.condition(), actual);
            }
            return null;
        });
    }

    private static List<History> signals(History history, Function<WatchLog.Signal, WatchLog.@Nullable Signal> lie) {
        List<History> all = new ArrayList<>();
        for (int i = 0; i < history.watches().size(); i++) {
            WatchLog watch = history.watches().get(i);
            for (int j = 0; j < watch.deliveries().size(); j++) {
                WatchLog.Signal signal = lie.apply(watch.deliveries().get(j).signal());
                if (signal != null) {
                    List<WatchLog.Delivery> deliveries = new ArrayList<>(watch.deliveries());
                    deliveries.set(j, new WatchLog.Delivery(deliveries.get(j).at(), signal));
                    List<WatchLog> watches = new ArrayList<>(history.watches());
                    watches.set(i, watch.withDeliveries(deliveries));
                    all.add(history.withWatches(watches));
                }
            }
        }
        return all;
    }

    /** What acknowledged puts have made of a key before an operation was called, if one is given, by revision. */
    private static List<Entry> acknowledged(History history, Key key, @Nullable Operation before) {
        return history.operations().stream()
                .filter(operation -> before == null || operation.precedes(before))
                .flatMap(PlantedFault::puts)
                .filter(entry -> entry.key().equals(key))
                .sorted(Comparator.comparingLong(Entry::revision))
                .toList();
    }

    private static Stream<Entry> puts(Operation operation) {
        return operation.call() instanceof Call.Commit commit
                        && operation.result() instanceof Result.Committed committed
                ? commit.writes().stream()
                        .flatMap(edit -> edit.value() == null
                                ? Stream.empty()
                                : Stream.of(new Entry(edit.key(), edit.value(), committed.revision(), false)))
                : Stream.empty();
    }

    /** An entry that was acknowledged, and acknowledged to be replaced, before an operation was called. */
    private static @Nullable Entry replaced(History history, Key key, Operation before) {
        List<Entry> all = acknowledged(history, key, before);
        return all.size() < 2 ? null : all.get(all.size() - 2);
    }

    private static boolean wasReplaced(History history, Condition condition, Operation before) {
        return condition instanceof Condition.RevisionIs expected
                && acknowledged(history, condition.key(), before).stream()
                        .anyMatch(entry -> entry.revision() > expected.revision());
    }

    /** Whether a key was put before an operation was called, and nothing that may have been applied deletes it. */
    private static boolean isThere(History history, Key key, Operation before) {
        return !acknowledged(history, key, before).isEmpty()
                && history.operations().stream()
                        .noneMatch(operation -> !operation.isFailed()
                                && operation.call() instanceof Call.Commit commit
                                && commit.writes().contains(Edit.delete(key)));
    }
}
