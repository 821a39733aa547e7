package dev.rollcall.etcd;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.WatchDelivery;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Opens watches: connects a mailbox, which calls the listener, to a feed, which asks etcd. Safe for use by several threads. */
final class WatchDispatcher {
    /*
     * Concurrency: open holds every watch that has not ended. closed is set before open is emptied, and read after a
     * watch was put into it, so that a watch opened meanwhile is closed by the one or by the other.
     */
    private final EtcdContext handle;
    private final WatchStreams watches;
    private final Set<WatchFeed> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    WatchDispatcher(EtcdContext handle, WatchStreams watches) {
        this.handle = handle;
        this.watches = watches;
    }

    Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        if (start instanceof WatchStart.History history) {
            return history(directory, history.revision(), listener);
        }
        Executor callbacks = handle.threads().callbacks();
        AtomicReference<WatchFeed> self = new AtomicReference<>();
        WatchDelivery delivery = start instanceof WatchStart.AfterRevision after
                ? WatchDelivery.after(directory, after.revision(), listener, callbacks, () -> with(self, this::ended))
                : WatchDelivery.fromSnapshot(directory, listener, callbacks, () -> with(self, this::ended));
        boolean snapshots = !(start instanceof WatchStart.AfterRevision);
        WatchFeed source = new WatchFeed(handle, watches, directory, new StateMailbox(delivery, snapshots));
        self.set(source);
        opened(
                source,
                start instanceof WatchStart.AfterRevision after
                        ? () -> source.startAfter(after.revision())
                        : source::startFromSnapshot);
        return delivery;
    }

    private Watch history(Directory directory, long revision, WatchListener listener) {
        AtomicReference<WatchFeed> self = new AtomicReference<>();
        AtomicReference<HistoryDelivery> mailbox = new AtomicReference<>();
        HistoryDelivery.Flow flow = new HistoryDelivery.Flow() {
            @Override
            public void stop() {
                with(self, source -> handle.loop().execute(source::stop));
            }

            @Override
            public void resume(long after) {
                with(
                        self,
                        source -> handle.loop().execute(() -> {
                            // The old server watch first, or its next message would be taken for the new one's.
                            source.stop();
                            with(mailbox, HistoryDelivery::resumed);
                            source.startAfter(after);
                        }));
            }

            @Override
            public void end() {
                with(self, WatchDispatcher.this::ended);
            }
        };
        HistoryDelivery delivery = new HistoryDelivery(
                directory, revision, listener, handle.threads().callbacks(), flow);
        mailbox.set(delivery);
        WatchFeed source = new WatchFeed(handle, watches, directory, new HistoryMailbox(delivery));
        self.set(source);
        opened(source, () -> source.startAfter(revision));
        return delivery;
    }

    /** A mailbox and its source know each other; the source comes second, and before the mailbox is given to anybody. */
    private static <T> void with(AtomicReference<T> reference, Consumer<T> action) {
        T known = reference.get();
        if (known != null) {
            action.accept(known);
        }
    }

    private void opened(WatchFeed source, Runnable start) {
        open.add(source);
        handle.loop().execute(start);
        if (closed) {
            source.close();
        }
    }

    private void ended(WatchFeed source) {
        open.remove(source);
        handle.loop().execute(source::end);
    }

    /** The store has gone back in time, for this reason. Runs on the loop. */
    void rewound(String reason) {
        open.forEach(source -> handle.loop().run(() -> source.rewound(reason)));
    }

    /** Ends every watch, now and in future. */
    void close() {
        closed = true;
        for (WatchFeed source : open) {
            source.close();
        }
        handle.loop().execute(watches::close);
    }

    private record StateMailbox(WatchDelivery delivery, boolean takesSnapshots) implements WatchFeed.Mailbox {
        @Override
        public boolean snapshot(Snapshot state) {
            return delivery.isEnded() || delivery.snapshot(state);
        }

        @Override
        public void gap() {
            delivery.gap();
        }

        @Override
        public void rewound() {
            delivery.rewound();
        }

        @Override
        public void changes(List<Change> changes, long revision) {
            delivery.changes(changes, revision);
        }

        @Override
        public void end(KvException reason) {
            delivery.end(reason);
        }

        @Override
        public void closeWith(KvException reason) {
            delivery.closeWith(reason);
        }
    }

    private record HistoryMailbox(HistoryDelivery delivery) implements WatchFeed.Mailbox {
        @Override
        public boolean takesSnapshots() {
            return false;
        }

        @Override
        public boolean snapshot(Snapshot state) {
            throw new IllegalStateException("A watch of history takes no snapshots.");
        }

        @Override
        public void rewound() {
            throw new IllegalStateException("A watch of history ends where its store goes back in time.");
        }

        @Override
        public void gap() {
            throw new IllegalStateException("A watch of history ends where there is a gap.");
        }

        @Override
        public void changes(List<Change> changes, long revision) {
            delivery.changes(changes);
        }

        @Override
        public void end(KvException reason) {
            delivery.end(reason);
        }

        @Override
        public void closeWith(KvException reason) {
            delivery.closeWith(reason);
        }
    }
}
