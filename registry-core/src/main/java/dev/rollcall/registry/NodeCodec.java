package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import java.util.function.Function;
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
     * @throws NodeFormatException if they are not a record; whatever else is thrown, an {@code Error} as well, counts as this one
     */
    @Nullable
    T decode(Bytes bytes);

    /**
     * Whether a record is of a node that is alive, where nothing but the record tells; see {@link Liveness}. True unless overridden: that the
     * record is there is all that is known.
     */
    default boolean isAlive(T value) {
        return true;
    }

    /** Whether a record is of a node that takes requests, if it is alive; true unless overridden. */
    default boolean isUsable(T value) {
        return true;
    }

    /**
     * What a {@link RegistrationMode#PERSISTENT kept} record becomes when its registration is closed; itself unless overridden. The
     * node is not alive then, whatever the record says, until someone else writes it.
     */
    default T departed(T value) {
        return value;
    }

    /**
     * What a record becomes by {@link Registration#pause}.
     *
     * @throws IllegalStateException if a node cannot be paused as it is
     * @throws UnsupportedOperationException unless overridden
     */
    default T pausing(T value) {
        throw new UndefinedTransitionException(this + " does not say what a record becomes when its node pauses:"
                + " override NodeCodec.pausing, or write what you mean with Registration.update.");
    }

    /**
     * What a record becomes by {@link Registration#drain}.
     *
     * @throws IllegalStateException if a node cannot be drained as it is
     * @throws UnsupportedOperationException unless overridden
     */
    default T draining(T value) {
        throw new UndefinedTransitionException(this + " does not say what a record becomes when its node drains:"
                + " override NodeCodec.draining, or write what you mean with Registration.update.");
    }

    /**
     * TiDB Binlog's JSON. What is written is byte for byte what Go's {@code encoding/json} writes; whatever Go reads is read, up to 64
     * levels of nesting. The states mean what they mean to TiDB:
     *
     * <ul>
     *   <li>alive are {@code online}, {@code pausing} and {@code closing}; the field {@code isAlive} is not looked at, since nothing in TiDB sets
     *       it. Usable is {@code online} only;
     *   <li>{@link Registration#pause} goes from {@code online} to {@code pausing}, {@link Registration#drain} from {@code online} to {@code closing};
     *   <li>{@link Registration#close} leaves {@code paused} of {@code online} and {@code pausing}, {@code offline} of {@code closing}, other states
     *       as they are, and {@code isAlive} false.
     * </ul>
     */
    static NodeCodec<NodeStatus> tidbBinlog() {
        return NodeStatusCodec.INSTANCE;
    }

    /**
     * JSON of a record or bean, by its public properties; the types of {@code java.time} as ISO-8601 texts, {@code Optional} as its value or null.
     * Unknown fields are skipped, so they do not survive a rewrite; documents nested deeper than 64 levels are refused.
     *
     * @throws IllegalArgumentException if the type, or that of a property, cannot be written and read back; the message names it and the way out
     */
    static <T> NodeCodec<T> json(Class<T> type) {
        return new JacksonCodec<>(type);
    }

    /**
     * JSON of a type as a mapper of one's own writes and reads it: what is known about unknown fields, depth, names and types is up to that.
     *
     * @param mapper a Jackson {@code ObjectMapper}, not changed any more
     * @throws IllegalArgumentException if {@code mapper} is none, or cannot write the type and read it back
     */
    static <T> NodeCodec<T> json(Class<T> type, Object mapper) {
        requireNonNull(mapper, "mapper");
        return JacksonCodec.withMapper(type, mapper);
    }

    /**
     * A codec of two functions; the other methods have their defaults.
     *
     * @param encode as {@link #encode}
     * @param decode as {@link #decode}; may throw anything, which is as good as {@link NodeFormatException}
     */
    static <T> NodeCodec<T> of(
            Function<? super T, Bytes> encode, Function<? super Bytes, ? extends @Nullable T> decode) {
        return new FunctionCodec<>(encode, decode);
    }
}
