package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells a history step by step; the order of the calls to it is the order of time. */
final class Story {
    static final Directory DIR = Directory.of("/t");
    static final Key A = DIR.key("a");
    static final Key B = DIR.key("b");
    static final Key C = DIR.key("c");

    private final Map<Integer, Operation> operations = new TreeMap<>();
    private final List<WatchLog> watches = new ArrayList<>();
    private long clock;

    Moment now() {
        clock++;
        return new Moment(clock * 1_000_000, clock);
    }

    /** Begins an operation; it stays pending unless it is {@linkplain #end ended}. */
    int begin(String client, Call call) {
        int id = operations.size() + 1;
        operations.put(id, new Operation(id, client, call, now(), null, new Result.Pending()));
        return id;
    }

    Story end(int id, Result result) {
        Operation begun = requireNonNull(operations.get(id));
        operations.put(id, new Operation(id, begun.client(), begun.call(), begun.called(), now(), result));
        return this;
    }

    /** An operation that is over before anything else happens. */
    Story did(String client, Call call, Result result) {
        return end(begin(client, call), result);
    }

    Story watch(WatchLog.Start start, long after, long owed, WatchLog.Signal... signals) {
        return watch(DIR, start, after, owed, signals);
    }

    Story watch(Directory directory, WatchLog.Start start, long after, long owed, WatchLog.Signal... signals) {
        Moment opened = now();
        List<WatchLog.Delivery> deliveries = new ArrayList<>();
        for (WatchLog.Signal signal : signals) {
            deliveries.add(new WatchLog.Delivery(now(), signal));
        }
        watches.add(
                new WatchLog(watches.size() + 1, "watcher", directory, start, after, opened, null, owed, deliveries));
        return this;
    }

    History told() {
        return new History(List.copyOf(operations.values()), watches, List.of());
    }

    static Call get(Key key) {
        return new Call.Get(key, ReadConsistency.LINEARIZABLE);
    }

    static Call glance(Key key) {
        return new Call.Get(key, ReadConsistency.SEQUENTIAL);
    }

    static Call list() {
        return new Call.Entries(DIR, ReadConsistency.LINEARIZABLE);
    }

    static Call put(Key key, String value) {
        return commit(List.of(), Edit.put(key, value));
    }

    static Call createKey(Key key, String value) {
        return commit(List.of(new Condition.Absent(key)), Edit.put(key, value));
    }

    static Call update(Key key, String value, long revision) {
        return commit(List.of(new Condition.RevisionIs(key, revision)), Edit.put(key, value));
    }

    static Call delete(Key key) {
        return commit(List.of(new Condition.Present(key)), Edit.delete(key));
    }

    static Call commit(List<Condition> conditions, Edit... writes) {
        return new Call.Commit(conditions, List.of(writes));
    }

    static Entry entry(Key key, String value, long revision) {
        return new Entry(key, value, revision, false);
    }

    static Result found(Key key, String value, long entry, long revision) {
        return new Result.Got(entry(key, value, entry), revision);
    }

    static Result absent(long revision) {
        return new Result.Got(null, revision);
    }

    static Result listed(long revision, Entry... entries) {
        return new Result.Listed(List.of(entries), revision);
    }

    static Result committed(long revision) {
        return new Result.Committed(revision);
    }

    static Result failed(long actual) {
        return new Result.ConditionFailed(0, actual);
    }

    static Result notApplied() {
        return new Result.NotApplied("refused");
    }

    static Result unknown() {
        return new Result.Unknown("cut");
    }

    static WatchLog.Whole whole(long revision, Entry... entries) {
        return new WatchLog.Whole(List.of(entries), revision);
    }

    static WatchLog.Delta delta(long revision, WatchLog.Item... items) {
        return new WatchLog.Delta(List.of(items), revision);
    }

    static WatchLog.Item set(Key key, String value, long revision) {
        return WatchLog.Item.put(entry(key, value, revision));
    }

    static WatchLog.Item gone(Key key, long revision) {
        return WatchLog.Item.delete(key, revision);
    }

    static WatchLog.End end(@Nullable String cause) {
        return new WatchLog.End(cause);
    }
}
