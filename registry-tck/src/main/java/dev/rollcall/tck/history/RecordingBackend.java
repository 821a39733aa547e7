package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A handle whose operations and watches are recorded. */
final class RecordingBackend implements KvBackend {
    private final String client;
    private final KvBackend backend;
    private final HistoryRecorder recorder;

    RecordingBackend(String client, KvBackend backend, HistoryRecorder recorder) {
        this.client = requireNonNull(client, "client");
        this.backend = requireNonNull(backend, "backend");
        this.recorder = recorder;
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return backend.capabilities();
    }

    @Override
    public Limits limits() {
        return backend.limits();
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return recorder.record(
                client,
                new Call.Get(key, consistency),
                () -> backend.get(key, consistency),
                result -> new Result.Got(result.entry().map(Entry::of).orElse(null), result.revision()));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return recorder.record(
                client,
                new Call.Entries(directory, consistency),
                () -> backend.list(directory, consistency),
                result -> new Result.Listed(
                        result.entries().stream().map(Entry::of).toList(), result.revision()));
    }

    @Override
    public CompletableFuture<KeyListing> keys(Directory directory) {
        return recorder.record(
                client,
                new Call.Keys(directory),
                () -> backend.keys(directory),
                result -> new Result.KeysListed(result.keys(), result.revision()));
    }

    @Override
    public CompletableFuture<List<String>> children(Directory directory) {
        return recorder.record(
                client, new Call.Children(directory), () -> backend.children(directory), Result.ChildrenListed::new);
    }

    @Override
    public CompletableFuture<Commit> commit(Txn wanted) {
        Txn txn = recorder.changed(backend, wanted);
        return recorder.record(
                client,
                HistoryRecorder.call(txn),
                () -> backend.commit(txn),
                result -> new Result.Committed(result.revision()));
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        return recorder.watch(client, directory, start, listener, backend);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        return backend.grantLease(ttl);
    }

    @Override
    public ConnectionStatus connection() {
        return backend.connection();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return backend.onConnection(listener);
    }

    @Override
    public void close() {
        backend.close();
    }
}
