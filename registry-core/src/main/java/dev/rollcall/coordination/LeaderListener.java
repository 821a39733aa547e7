package dev.rollcall.coordination;

import org.jspecify.annotations.Nullable;

/** Is told who leads. Called one at a time, in order, on a callback thread, without a lock held. */
@FunctionalInterface
public interface LeaderListener {
    /** This one leads now, or nobody if null; leaders in between may have been skipped. */
    void onLeader(@Nullable Leader leader);
}
