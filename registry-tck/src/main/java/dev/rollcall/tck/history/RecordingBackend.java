package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A handle whose operations and watches are recorded. */
final class RecordingBackend extends ForwardingBackend {
    private final String client;
    private final HistoryRecorder recorder;

    RecordingBackend(String client, KvBackend backend, HistoryRecorder recorder) {
        super(backend);
        this.client = requireNonNull(client, "client");
        this.recorder = recorder;
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return recorder.record(
                client,
                new Call.Get(key, consistency),
                () -> delegate().get(key, consistency),
                result -> new Result.Got(result.entry().map(Entry::of).orElse(null), result.revision()));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return recorder.record(
                client,
                new Call.Entries(directory, consistency),
                () -> delegate().list(directory, consistency),
                result -> new Result.Listed(
                        result.entries().stream().map(Entry::of).toList(), result.revision()));
    }

    @Override
    public CompletableFuture<KeyListing> keys(Directory directory) {
        return recorder.record(
                client,
                new Call.Keys(directory),
                () -> delegate().keys(directory),
                result -> new Result.KeysListed(result.keys(), result.revision()));
    }

    @Override
    public CompletableFuture<List<String>> children(Directory directory) {
        return recorder.record(
                client, new Call.Children(directory), () -> delegate().children(directory), Result.ChildrenListed::new);
    }

    @Override
    public CompletableFuture<Commit> commit(Txn wanted) {
        Txn txn = recorder.changed(delegate(), wanted);
        return recorder.record(
                client,
                HistoryRecorder.call(txn),
                () -> delegate().commit(txn),
                result -> new Result.Committed(result.revision()));
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        return recorder.watch(client, directory, start, listener, delegate());
    }
}
