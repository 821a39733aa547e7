package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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

    /**
     * What a history of a workload lacks to prove anything about the time after it, which no judge can miss: a write that was acknowledged
     * after all others, or a list by each client after that. Empty if it lacks nothing. A store whose connections were healed in time
     * has to give both (LIFE-8).
     */
    public static Optional<String> unsettled(History history) {
        List<Operation> ends = history.operations().stream()
                .filter(operation -> operation.call() instanceof Call.Commit commit
                        && commit.writes().stream().anyMatch(write -> WorkloadRun.isEnd(write.key())))
                .toList();
        Optional<Operation> end = ends.stream()
                .filter(operation -> operation.result() instanceof Result.Committed)
                .findFirst();
        if (end.isEmpty()) {
            return Optional.of("when all were done, no write was acknowledged any more" + last(ends));
        }
        long place = requireNonNull(end.get().returned()).order();
        List<Operation> lists = history.operations().stream()
                .filter(operation -> operation.call() instanceof Call.Entries
                        && operation.called().order() > place)
                .toList();
        Set<String> clients =
                history.operations().stream().map(Operation::client).collect(Collectors.toCollection(TreeSet::new));
        lists.stream()
                .filter(operation -> operation.result() instanceof Result.Listed)
                .map(Operation::client)
                .forEach(clients::remove);
        return clients.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "when all were done, and a write had been acknowledged, nothing could be listed any more by "
                                + String.join(", ", clients) + last(lists));
    }

    private static String last(List<Operation> operations) {
        return operations.isEmpty() ? "" : "; the last attempt was " + operations.get(operations.size() - 1);
    }
}
