package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.WatchLog.Delivery;
import dev.rollcall.tck.history.WatchLog.Delta;
import dev.rollcall.tck.history.WatchLog.Whole;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a history tells about some of its keys. */
final class Projection {
    private final Set<Key> hidden;

    private Projection(Set<Key> hidden) {
        this.hidden = hidden;
    }

    static History without(History history, Set<Key> hidden) {
        Projection projection = new Projection(hidden);
        List<Operation> operations = new ArrayList<>();
        for (Operation operation : history.operations()) {
            Operation rest = projection.of(operation);
            if (rest != null) {
                operations.add(rest);
            }
        }
        return new History(
                operations, history.watches().stream().map(projection::of).toList(), history.marks());
    }

    private @Nullable Operation of(Operation operation) {
        Call call = operation.call();
        Result result = operation.result();
        if (call instanceof Call.Get get) {
            return hidden.contains(get.key()) ? null : operation;
        } else if (call instanceof Call.Children) {
            return null;
        } else if (result instanceof Result.Listed listed) {
            result = new Result.Listed(entries(listed.entries()), listed.revision());
        } else if (result instanceof Result.KeysListed listed) {
            List<Key> keys =
                    listed.keys().stream().filter(key -> !hidden.contains(key)).toList();
            result = new Result.KeysListed(keys, listed.revision());
        } else if (call instanceof Call.Commit commit) {
            return of(operation, commit);
        }
        return operation.withResult(result);
    }

    private @Nullable Operation of(Operation operation, Call.Commit commit) {
        List<Condition> conditions = new ArrayList<>(commit.conditions());
        conditions.removeIf(condition -> hidden.contains(condition.key()));
        List<Edit> writes = new ArrayList<>(commit.writes());
        writes.removeIf(write -> hidden.contains(write.key()));
        if (conditions.isEmpty() && writes.isEmpty()) {
            return null;
        }
        Result result = operation.result();
        if (result instanceof Result.ConditionFailed failed) {
            int index = conditions.indexOf(commit.conditions().get(failed.condition()));
            if (index < 0) {
                return null;
            }
            result = new Result.ConditionFailed(index, failed.actualRevision());
        }
        Call.Commit call = new Call.Commit(conditions, writes);
        return new Operation(
                operation.id(), operation.client(), call, operation.called(), operation.returned(), result);
    }

    private WatchLog of(WatchLog watch) {
        List<Delivery> deliveries = new ArrayList<>();
        for (Delivery delivery : watch.deliveries()) {
            if (delivery.signal() instanceof Whole whole) {
                deliveries.add(new Delivery(delivery.at(), new Whole(entries(whole.entries()), whole.revision())));
            } else if (delivery.signal() instanceof Delta delta) {
                List<WatchLog.Item> items = delta.items().stream()
                        .filter(item -> !hidden.contains(item.key()))
                        .toList();
                deliveries.add(new Delivery(delivery.at(), new Delta(items, delta.revision())));
            } else {
                deliveries.add(delivery);
            }
        }
        return watch.withDeliveries(deliveries);
    }

    private List<Entry> entries(List<Entry> entries) {
        return entries.stream().filter(entry -> !hidden.contains(entry.key())).toList();
    }
}
