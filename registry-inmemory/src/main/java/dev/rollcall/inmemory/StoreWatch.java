package dev.rollcall.inmemory;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.support.WatchIndex;

/** A watch as the store sees it. {@code heard} is guarded by the lock of the handle's connection. */
interface StoreWatch extends WatchIndex.Observer, Watch {
    /** The revision up to which the watch was told everything, or -1 if it begins with a snapshot and was told nothing yet. */
    long heard();

    /** Records that everything up to {@code revision} was told. */
    void heard(long revision);

    /**
     * Says that the history after {@link #heard()} is not available, which ends the watch if it depends on it.
     *
     * @return true if a snapshot will do instead
     */
    boolean missed(RecentTransactions history);

    /** Offers the snapshot that {@link #missed} has asked for. */
    void snapshot(Snapshot snapshot);

    boolean isEnded();

    /** Ends the watch at once and tells its listener the reason. */
    void closeWith(KvException reason);
}
