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
    /** Whether the state that it was to begin with is void, and another is to come. */
    private boolean beginsAnew;

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

    /** All that was written up to here it knows, or need not be told; cuts have brought it further. */
    long since() {
        return since;
    }

    @Override
    public Directory directory() {
        return delivery.directory();
    }

    /** The state to begin with. */
    void begin(Snapshot snapshot) {
        beginsAnew = false;
        since = Math.max(since, snapshot.revision());
        delivery.snapshot(snapshot);
    }

    /** The store has gone back in time, so it begins anew, or ends where that cannot be; returns what is to be done without the lock. */
    Runnable rewound(String reason) {
        if (after != null) {
            return () -> end(new HistoryUnavailableException(context(), since, reason, null));
        }
        beginsAnew = registered;
        since = 0;
        delivery.rewound();
        return () -> {};
    }

    /** Whether it waits for a state to begin anew with. */
    boolean beginsAnew() {
        return beginsAnew;
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
        delivery.gap();
        delivery.snapshot(restrict(around));
        since = Math.max(since, around.revision());
    }

    /** The part that it is for. */
    Snapshot restrict(Snapshot around) {
        List<KeyValue> entries = around.entries().stream()
                .filter(entry -> directory().covers(entry.key()))
                .toList();
        return new Snapshot(directory(), entries, around.revision());
    }

    void end(KvException cause) {
        delivery.end(cause);
    }
}
