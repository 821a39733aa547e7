package dev.rollcall.tck.history;

import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One operation as the search for an order sees it: what must hold of the state for it to be next, and what it makes of the state.
 *
 * <p>A state has one number for each key: 0 if it is absent, otherwise the number of the step that wrote it last. Since a step happens at
 * most once, that number stands for the incarnation and the revision of the key as well as for its value, without knowing the revision.
 */
record Step(Operation operation, List<Test> tests, List<Effect> effects) {
    /** What must hold of one key. */
    record Test(int slot, IntPredicate allowed) {}

    /** What becomes of one key: the number of this step, or 0 if it deletes it. */
    record Effect(int slot, int writer) {}

    /** The state after this step, or null if it cannot be next. */
    int @Nullable [] apply(int[] state) {
        for (Test test : tests) {
            if (!test.allowed().test(state[test.slot()])) {
                return null;
            }
        }
        if (effects.isEmpty()) {
            return state;
        }
        int[] next = state.clone();
        for (Effect effect : effects) {
            next[effect.slot()] = effect.writer();
        }
        return next;
    }

    boolean isReadOnly() {
        return effects.isEmpty();
    }
}
