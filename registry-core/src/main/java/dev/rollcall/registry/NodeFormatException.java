package dev.rollcall.registry;

/** A value in the store is not a record; thrown by {@link NodeCodec#decode}, and reported as an {@link UnreadableEntry} by everything above it. */
public final class NodeFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** {@code reason} is a clause without a full stop, which must not quote the value: values may be secret. */
    public NodeFormatException(String reason) {
        super(reason);
    }

    /** The same, with what a parser had to say, which must not quote the value either: stack traces show it. */
    public NodeFormatException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
