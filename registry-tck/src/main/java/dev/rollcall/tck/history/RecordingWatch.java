package dev.rollcall.tck.history;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.history.WatchLog.Item;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/* Concurrency: the deliveries are a queue; the other fields are volatile and each is written by one thread, or is monotone. */
/** A watch whose signals are recorded before its listener gets them. */
final class RecordingWatch implements Watch, WatchListener {
    private final int id;
    private final String client;
    private final Directory directory;
    private final WatchStart start;
    private final WatchListener listener;
    private final HistoryRecorder recorder;
    private final Moment opened;
    private final Queue<WatchLog.Delivery> deliveries = new ConcurrentLinkedQueue<>();
    private final List<Watch> underlying = new CopyOnWriteArrayList<>();
    private volatile @Nullable Moment closed;
    private volatile long owed;
    private volatile long reached = -1;
    private volatile boolean ended;

    RecordingWatch(
            int id,
            String client,
            Directory directory,
            WatchStart start,
            WatchListener listener,
            HistoryRecorder recorder) {
        this.id = id;
        this.client = client;
        this.directory = directory;
        this.start = start;
        this.listener = listener;
        this.recorder = recorder;
        this.opened = recorder.now();
    }

    void open(KvBackend backend) {
        underlying.add(backend.watch(directory, start, this));
    }

    void owe(long revision) {
        if (closed == null) {
            owed = revision;
        }
    }

    boolean isSettled() {
        return ended || reached >= owed;
    }

    boolean isQuiet() {
        return ended || closed == null;
    }

    WatchLog told() {
        return new WatchLog(id, client, directory, kind(), after(), opened, closed, owed, List.copyOf(deliveries));
    }

    private WatchLog.Start kind() {
        if (start instanceof WatchStart.AfterRevision) {
            return WatchLog.Start.AFTER;
        }
        return start instanceof WatchStart.History ? WatchLog.Start.HISTORY : WatchLog.Start.SNAPSHOT;
    }

    private long after() {
        if (start instanceof WatchStart.AfterRevision after) {
            return after.revision();
        }
        return start instanceof WatchStart.History history ? history.revision() : 0;
    }

    @Override
    public Directory directory() {
        return directory;
    }

    @Override
    public void close() {
        underlying.forEach(Watch::close);
        if (closed == null) {
            closed = recorder.now();
        }
    }

    @Override
    public void onSignal(WatchSignal signal) {
        deliveries.add(new WatchLog.Delivery(recorder.now(), told(signal)));
        reached = Math.max(reached, signal.revision());
        listener.onSignal(signal);
    }

    @Override
    public void onEnd(@Nullable KvException cause) {
        String why = cause == null ? null : HistoryRecorder.text(cause);
        deliveries.add(new WatchLog.Delivery(recorder.now(), new WatchLog.End(why)));
        ended = true;
        listener.onEnd(cause);
    }

    private static WatchLog.Signal told(WatchSignal signal) {
        if (signal instanceof Snapshot snapshot) {
            return new WatchLog.Whole(snapshot.entries().stream().map(Entry::of).toList(), snapshot.revision());
        }
        List<Item> items = ((Changes) signal)
                .changes().stream()
                        .map(change -> change instanceof Change.Put put
                                ? Item.put(Entry.of(put.entry()))
                                : Item.delete(change.key(), change.revision()))
                        .toList();
        return new WatchLog.Delta(items, signal.revision());
    }
}
