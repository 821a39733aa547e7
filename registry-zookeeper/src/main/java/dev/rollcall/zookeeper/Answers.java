package dev.rollcall.zookeeper;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers to several who share a request, each of whom has to hear its own, also if another fails to handle its own. */
final class Answers {
    private Answers() {}

    /** Gives all, in order; the first failure comes out when all are given, for whoever ends the session because of it. */
    static void give(List<Runnable> answers) {
        @Nullable RuntimeException fault = null;
        @Nullable Error error = null;
        for (Runnable answer : answers) {
            try {
                answer.run();
            } catch (RuntimeException e) {
                fault = fault == null ? e : fault;
            } catch (Error e) {
                error = error == null ? e : error;
            }
        }
        if (error != null) {
            throw error;
        }
        if (fault != null) {
            throw fault;
        }
    }
}
