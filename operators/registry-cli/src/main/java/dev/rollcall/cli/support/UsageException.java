package dev.rollcall.cli.support;

/** The user gave something that cannot be used; the message says what and why. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
