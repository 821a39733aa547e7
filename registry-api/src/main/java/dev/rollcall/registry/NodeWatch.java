package dev.rollcall.registry;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns the signals of a kind's directory into events of its nodes. */
final class NodeWatch<T> implements WatchListener {
    private final String kind;
    private final NodeReader<T> reader;
    private final NodeWatchListener<T> listener;
    private final Runnable onEnd;

    NodeWatch(String kind, NodeReader<T> reader, NodeWatchListener<T> listener, Runnable onEnd) {
        this.kind = kind;
        this.reader = reader;
        this.listener = listener;
        this.onEnd = onEnd;
    }

    @Override
    public void onSignal(WatchSignal signal) {
        Directory directory = signal.directory();
        List<NodeEvent<T>> events = new ArrayList<>();
        if (signal instanceof Snapshot snapshot) {
            for (KeyValue entry : snapshot.entries()) {
                events.add(reader.read(kind, directory.relativize(entry.key()), entry));
            }
        } else if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                String nodeId = directory.relativize(change.key());
                events.add(
                        change instanceof Change.Put put
                                ? reader.read(kind, nodeId, put.entry())
                                : new NodeEvent.Absent<>(change.key(), nodeId, change.revision()));
            }
        }
        listener.onNodes(new NodeSignal<>(kind, signal instanceof Snapshot, events, signal.revision()));
    }

    @Override
    public void onEnd(@Nullable KvException cause) {
        onEnd.run();
        listener.onEnd(cause);
    }
}
