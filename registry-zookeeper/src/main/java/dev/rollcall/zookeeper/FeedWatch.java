package dev.rollcall.zookeeper;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.WatchDelivery;
import dev.rollcall.kv.support.WatchIndex;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One watch, as its feed sees it. */
final class FeedWatch implements WatchIndex.Observer {
    /* Concurrency: since and registered are guarded by the feed's lock, under which all but delivery() is called. */
    private final String backend;
    private final WatchDelivery delivery;
    private final @Nullable Long after;
    private long since;
    boolean registered;

    FeedWatch(
            String backend,
            Directory directory,
            WatchStart start,
            WatchListener listener,
            Executor callbacks,
            Consumer<FeedWatch> onEnded) {
        this.backend = backend;
        if (start instanceof WatchStart.AfterRevision from) {
            this.after = from.revision();
            this.since = from.revision();
            this.delivery =
                    WatchDelivery.after(directory, from.revision(), listener, callbacks, () -> onEnded.accept(this));
        } else {
            this.after = null;
            this.delivery = WatchDelivery.fromSnapshot(directory, listener, callbacks, () -> onEnded.accept(this));
        }
    }

    WatchDelivery delivery() {
        return delivery;
    }

    Context context() {
        return Context.of(backend, "watch", directory());
    }

    /** The revision after which changes are owed, or null if the watch starts from a snapshot. */
    @Nullable
    Long after() {
        return after;
    }

    @Override
    public Directory directory() {
        return delivery.directory();
    }

    /** The state to begin with. */
    void begin(Snapshot snapshot) {
        since = Math.max(since, snapshot.revision());
        delivery.snapshot(snapshot);
    }

    /** What has changed since the revision to begin after. */
    void begin(List<Change> changes, long revision) {
        if (!changes.isEmpty() && revision > since) {
            delivery.changes(changes, revision);
        }
        since = Math.max(since, revision);
    }

    @Override
    public void changes(List<Change> changes, long revision) {
        if (revision <= since) {
            return;
        }
        // The watch may have begun later than the cut before this one.
        List<Change> news =
                changes.stream().filter(change -> change.revision() > since).toList();
        if (!news.isEmpty()) {
            delivery.changes(news, revision);
        }
    }

    /** It is not known when everything that is missing was deleted; here is the state instead. */
    void gap(Snapshot around, String reason) {
        if (around.revision() <= since) {
            // It has begun after whatever was lost.
            return;
        }
        if (after != null) {
            end(new HistoryUnavailableException(context(), since, reason, null));
            return;
        }
        List<KeyValue> entries = around.entries().stream()
                .filter(entry -> directory().covers(entry.key()))
                .toList();
        delivery.gap();
        delivery.snapshot(new Snapshot(directory(), entries, around.revision()));
        since = Math.max(since, around.revision());
    }

    void end(KvException cause) {
        delivery.end(cause);
    }
}
