package dev.rollcall.inmemory;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.WatchDelivery;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A watch from a snapshot or after a revision. */
final class StateWatch implements StoreWatch {
    private final String backend;
    private final boolean fromSnapshot;
    private final WatchDelivery delivery;
    private long heard;

    StateWatch(
            String backend,
            Directory directory,
            WatchStart start,
            WatchListener listener,
            Executor executor,
            Consumer<StoreWatch> onEnded) {
        this.backend = backend;
        Runnable ended = () -> onEnded.accept(this);
        if (start instanceof WatchStart.AfterRevision after) {
            fromSnapshot = false;
            heard = after.revision();
            delivery = WatchDelivery.after(directory, after.revision(), listener, executor, ended);
        } else {
            fromSnapshot = true;
            heard = -1;
            delivery = WatchDelivery.fromSnapshot(directory, listener, executor, ended);
        }
    }

    @Override
    public Directory directory() {
        return delivery.directory();
    }

    @Override
    public void changes(List<Change> changes, long revision) {
        delivery.changes(changes, revision);
    }

    @Override
    public long heard() {
        return heard;
    }

    @Override
    public void heard(long revision) {
        heard = Math.max(heard, revision);
    }

    @Override
    public boolean missed(RecentTransactions history) {
        if (fromSnapshot) {
            delivery.gap();
        } else {
            delivery.end(HistoryWatch.compacted(backend, directory(), heard, history));
        }
        return fromSnapshot;
    }

    @Override
    public void snapshot(Snapshot snapshot) {
        delivery.snapshot(snapshot);
    }

    @Override
    public boolean isEnded() {
        return delivery.isEnded();
    }

    @Override
    public void closeWith(KvException reason) {
        delivery.closeWith(reason);
    }

    @Override
    public void close() {
        delivery.close();
    }
}
