package dev.rollcall.tck;

/** Thrown by a test that does not apply: the fixture cannot cause the fault, or the backend does not have the feature, that it is about. */
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
