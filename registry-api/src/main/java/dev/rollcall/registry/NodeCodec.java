package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Turns records into the bytes that the store holds, and back.
 *
 * <p>Implementations are safe for use by several threads and must not block: they are called on callers' threads and, to decode, on those
 * that deliver watch signals. Never under a lock.
 *
 * @param <T> the type of the record; immutable, because instances are shared
 */
public interface NodeCodec<T> {
    /** The bytes of a record. What it throws reaches the caller, and nothing is sent. */
    Bytes encode(T value);

    /**
     * The record in {@code bytes}, or null if they say that there is none (the JSON document {@code null}).
     *
     * @throws NodeFormatException if they are not a record; any other exception counts as this one
     */
    @Nullable
    T decode(Bytes bytes);

    /**
     * Whether a record that nobody has claimed through a {@link Registration}, and that has no lease, is of a node that is alive. True
     * unless overridden: that the record is there is all that is known.
     */
    default boolean isAlive(T value) {
        return true;
    }

    /** What a {@link RegistrationMode#RECORD_WITH_LIVENESS kept} record becomes when its registration is closed; itself unless overridden. */
    default T departed(T value) {
        return value;
    }

    /**
     * TiDB Binlog's JSON. What is written is byte for byte what Go's {@code encoding/json} writes; whatever Go reads is read, up to 64
     * levels of nesting. Closing a kept registration makes the record {@code offline} and not alive.
     */
    static NodeCodec<NodeStatus> tidbBinlog() {
        return NodeStatusCodec.INSTANCE;
    }

    /**
     * JSON of a record or bean, by its public properties. Unknown fields are skipped, so they do not survive a rewrite; documents nested
     * deeper than 64 levels are refused.
     */
    static <T> NodeCodec<T> json(Class<T> type) {
        return new JacksonCodec<>(type);
    }
}
