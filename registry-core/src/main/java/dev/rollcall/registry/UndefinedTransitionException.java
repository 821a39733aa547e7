package dev.rollcall.registry;

/** A codec that does not say what a record becomes: no other failure of its code must be taken for that. */
final class UndefinedTransitionException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1L;

    UndefinedTransitionException(String message) {
        super(message);
    }
}
