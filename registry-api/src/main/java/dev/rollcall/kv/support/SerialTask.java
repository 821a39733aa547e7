package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A step of work that never overlaps itself: each {@link #wake()} is followed by a whole run of the step, and runs that are asked for
 * while one is going on become a single further one.
 *
 * <p>Each run happens-before the next, and what was done before {@code wake()} happens-before the run that follows it. Further runs use
 * the executor's thread that is already there, so that an executor which has been shut down gracefully still finishes them.
 */
public final class SerialTask {
    /*
     * Concurrency: state is the only shared field. A waker moves it one step up, IDLE -> RUNNING -> AGAIN, and submits
     * the task if it found IDLE; the running thread alone moves it down. A waker that finds AGAIN has nothing to do: the
     * run that it needs begins with a write to state, after the waker's read in the order of volatile accesses.
     */
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int AGAIN = 2;

    private final Executor executor;
    private final Runnable step;
    private final AtomicInteger state = new AtomicInteger(IDLE);

    /** A task that runs {@code step}, which must not throw, on {@code executor}. */
    public SerialTask(Executor executor, Runnable step) {
        this.executor = requireNonNull(executor, "executor");
        this.step = requireNonNull(step, "step");
    }

    /** Sees to it that the step runs after this call. Never runs it in the calling thread unless the executor does. */
    public void wake() {
        for (int seen = state.get(); seen != AGAIN; seen = state.get()) {
            if (state.compareAndSet(seen, seen + 1)) {
                if (seen == IDLE) {
                    executor.execute(this::run);
                }
                return;
            }
        }
    }

    private void run() {
        do {
            state.set(RUNNING);
            step.run();
        } while (!state.compareAndSet(RUNNING, IDLE));
    }
}
