package dev.rollcall.kv;

/** Where a watch begins, and what it owes its listener. */
public sealed interface WatchStart {
    /** Starts with the directory's present state; see {@link FromSnapshot}. */
    static WatchStart snapshot() {
        return FromSnapshot.INSTANCE;
    }

    /** Starts after a revision that the caller has already seen; see {@link AfterRevision}. */
    static WatchStart after(long revision) {
        return new AfterRevision(revision);
    }

    /** Replays and follows every revision after the given one; see {@link History}. */
    static WatchStart history(long afterRevision) {
        return new History(afterRevision);
    }

    /**
     * The first signal is a {@link Snapshot}; {@link Changes} follow. Values that were replaced before they could be delivered may be
     * skipped, the last never is. Where changes were lost, a fresh {@code Snapshot} takes their place, so this watch never ends by itself
     * unless access is denied or the backend is closed.
     */
    final class FromSnapshot implements WatchStart {
        private static final FromSnapshot INSTANCE = new FromSnapshot();

        private FromSnapshot() {}

        @Override
        public String toString() {
            return "FromSnapshot";
        }
    }

    /**
     * Only {@link Changes} are delivered, of all writes after {@code revision}, with values skipped as for {@link FromSnapshot}. If the
     * backend cannot tell any more what changed, the watch ends with {@link HistoryUnavailableException}. Started on the handle that a
     * {@code list} at {@code revision} came from, it misses nothing.
     *
     * @param revision the revision that the caller's state is at; may lie ahead of the store
     */
    record AfterRevision(long revision) implements WatchStart {
        public AfterRevision {
            Revisions.checkStore(revision);
        }
    }

    /**
     * Needs {@link Capability#HISTORY}. One {@link Changes} for each revision that touched the directory, none skipped, each with all its
     * changes. If the store has compacted a revision that is still owed, the watch ends with {@link HistoryUnavailableException}.
     *
     * @param revision the revision after which to begin
     */
    record History(long revision) implements WatchStart {
        public History {
            Revisions.checkStore(revision);
        }
    }
}
