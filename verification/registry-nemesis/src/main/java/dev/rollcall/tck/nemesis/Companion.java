package dev.rollcall.tck.nemesis;

import java.time.Duration;
import java.util.Optional;

/** Work during the whole of a run, beside its rounds, which is judged by itself. */
interface Companion extends AutoCloseable {
    /** After a round, when all has healed: waits until it is as it should be, at most for {@code limit}, and says what is not so by then. */
    Optional<String> difference(int round, Duration limit) throws InterruptedException;

    /** From now on somebody takes entries away, also of those who hold leases and locks. */
    default void entriesMayGo() {}

    /** Nobody does any more; what has been put after {@code revision} stays. Told by the thread that asks for differences. */
    default void entriesStay(long revision) {}

    /** Ends it, before the handles are closed. */
    @Override
    void close();
}
