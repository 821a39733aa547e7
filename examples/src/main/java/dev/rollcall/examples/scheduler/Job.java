package dev.rollcall.examples.scheduler;

/**
 * A job as the store has it, a node of the kind {@code jobs}.
 *
 * @param zone where it must run
 * @param payload what to do, for the {@link JobHandler}
 * @param state how far it is
 * @param worker who has it, or had it when it was done; empty while it waits
 * @param term the term of the leader who gave it away; 0 while it waits
 */
public record Job(String zone, String payload, State state, String worker, long term) {
    /** How far a job is. */
    public enum State {
        /** Nobody has it. */
        WAITING,
        /** A worker has it. */
        ASSIGNED,
        /** It was run, and its result is stored. */
        DONE
    }

    static Job waiting(String zone, String payload) {
        return new Job(zone, payload, State.WAITING, "", 0);
    }

    Job assignedTo(String newWorker, long newTerm) {
        return new Job(zone, payload, State.ASSIGNED, newWorker, newTerm);
    }

    Job done() {
        return new Job(zone, payload, State.DONE, worker, term);
    }
}
