package dev.rollcall.tck;

/** Thrown by the kit's own listeners and continuations on purpose; it is never a fault of the backend. */
public final class DeliberateFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeliberateFailure() {
        super("thrown by the test kit on purpose");
    }

    static boolean isIn(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof DeliberateFailure || at instanceof DeliberateError) {
                return true;
            }
        }
        return false;
    }

    /** The same as an error, which careless code does not catch. */
    static final class DeliberateError extends Error {
        private static final long serialVersionUID = 1L;

        DeliberateError() {
            super("thrown by the test kit on purpose");
        }
    }
}
