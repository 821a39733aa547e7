package dev.rollcall.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** An immutable sequence of bytes: a value. Compared by content; its text form shows the size only, since values may be secret. */
public final class Bytes {
    /** No bytes. An entry with an empty value exists; an absent entry has no value. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] bytes;

    private Bytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns a copy of {@code bytes}. */
    public static Bytes copyOf(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes.clone());
    }

    /** Returns the UTF-8 form of {@code text}. */
    public static Bytes ofUtf8(String text) {
        return unsafeWrap(requireNonNull(text, "text").getBytes(UTF_8));
    }

    /**
     * Wraps {@code bytes} without a copy, for backends that have just received the array. The caller gives the array away: whoever
     * writes to it afterwards breaks every promise of this class.
     */
    public static Bytes unsafeWrap(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes);
    }

    /** The number of bytes. */
    public int size() {
        return bytes.length;
    }

    /** Whether there are no bytes. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** A new array with the bytes. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** A read-only buffer over the bytes, without a copy. */
    public ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** The bytes read as UTF-8; malformed input becomes U+FFFD. */
    public String utf8() {
        return new String(bytes, UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The size only; values are never shown. */
    @Override
    public String toString() {
        return "Bytes[" + bytes.length + "]";
    }
}
