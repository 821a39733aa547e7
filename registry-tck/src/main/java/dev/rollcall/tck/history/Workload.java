package dev.rollcall.tck.history;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import java.util.List;

/**
 * Ready-made concurrent work on one directory. Every value written is unique, one watch sees everything, and in the end every watch is
 * given the chance to catch up, so that {@link ReplayJudge} has all it needs.
 */
public enum Workload {
    /** Reads, writes and compare-and-sets of single keys. */
    REGISTERS,

    /** Transactions that move an amount from one key to another, against readers of the whole directory, who must see a constant sum. */
    TRANSFERS,

    /** Writers of single keys and of several at once, against watches that come and go. */
    WATCHERS,

    /** All of these. */
    MIXED;

    /**
     * Runs and returns what was recorded; failures of the store are part of that. The directory has to be empty, and nobody else may
     * write to it.
     *
     * @throws InterruptedException if the thread is interrupted while waiting; what is running ends by itself
     */
    public History run(List<KvBackend> handles, Directory directory, WorkloadOptions options)
            throws InterruptedException {
        return run(new HistoryRecorder(), handles, directory, options);
    }

    /** Like {@link #run(List, Directory, WorkloadOptions)}, with a recorder on which the caller marks what it does meanwhile. */
    public History run(HistoryRecorder recorder, List<KvBackend> handles, Directory directory, WorkloadOptions options)
            throws InterruptedException {
        return new WorkloadRun(this, recorder, handles, directory, options).run();
    }
}
