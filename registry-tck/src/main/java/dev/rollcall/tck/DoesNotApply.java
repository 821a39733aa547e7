package dev.rollcall.tck;

/** Thrown by a test that has nothing to judge here: the fixture cannot do, or the backend does not have, what it is about. */
final class DoesNotApply extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** {@code reason} says what is not there, as the rest of a sentence. */
    DoesNotApply(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
