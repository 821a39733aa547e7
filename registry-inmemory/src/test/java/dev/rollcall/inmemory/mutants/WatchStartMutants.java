package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import org.jspecify.annotations.Nullable;

/** Watches that begin at the wrong place. */
final class WatchStartMutants {
    private WatchStartMutants() {}

    /** From, instead of after. */
    static final class FromInsteadOfAfter extends Forwarding {
        FromInsteadOfAfter(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(
                    directory,
                    start instanceof WatchStart.AfterRevision after && after.revision() > 0
                            ? WatchStart.after(after.revision() - 1)
                            : start,
                    listener);
        }
    }

    /** A watch after a revision begins like any other. */
    static final class BeginsWithASnapshot extends Forwarding {
        BeginsWithASnapshot(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(
                    directory, start instanceof WatchStart.AfterRevision ? WatchStart.snapshot() : start, listener);
        }
    }

    /** A revision that is not there yet is taken for the present one. */
    static final class FutureTakenForNow extends Forwarding {
        FutureTakenForNow(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (start instanceof WatchStart.AfterRevision after && isReachable()) {
                long now = handle.list(directory).join().revision();
                return handle.watch(directory, WatchStart.after(Math.min(now, after.revision())), listener);
            }
            return handle.watch(directory, start, listener);
        }
    }

    /** From now on, whatever the revision. */
    static final class FromNow extends Forwarding {
        FromNow(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (start instanceof WatchStart.AfterRevision after && isReachable()) {
                long now = handle.list(directory).join().revision();
                return handle.watch(directory, WatchStart.after(Math.max(now, after.revision())), listener);
            }
            return handle.watch(directory, start, listener);
        }
    }

    /** A history watch that is a watch like any other. */
    static final class MergedHistory extends Forwarding {
        MergedHistory(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(
                    directory,
                    start instanceof WatchStart.History history ? WatchStart.after(history.revision()) : start,
                    listener);
        }
    }

    /** A watch that was compacted away ends as if its owner had closed it. */
    static final class SilentCompaction extends Forwarding {
        SilentCompaction(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onEnd(@Nullable KvException cause) {
                    listener.onEnd(cause instanceof HistoryUnavailableException ? null : cause);
                }
            });
        }
    }
}
