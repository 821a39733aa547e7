package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link NodeCodec#of}. */
final class FunctionCodec<T> implements NodeCodec<T> {
    private final Function<? super T, Bytes> encode;
    private final Function<? super Bytes, ? extends @Nullable T> decode;

    FunctionCodec(Function<? super T, Bytes> encode, Function<? super Bytes, ? extends @Nullable T> decode) {
        this.encode = requireNonNull(encode, "encode");
        this.decode = requireNonNull(decode, "decode");
    }

    @Override
    public Bytes encode(T value) {
        return encode.apply(value);
    }

    @Override
    public @Nullable T decode(Bytes bytes) {
        return decode.apply(bytes);
    }

    @Override
    public String toString() {
        return "NodeCodec[functions]";
    }
}
