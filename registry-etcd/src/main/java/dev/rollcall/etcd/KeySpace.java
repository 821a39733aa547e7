package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import org.jspecify.annotations.Nullable;

/** Where a handle's keys lie in etcd: each at the handle's prefix followed by its path, in UTF-8. */
final class KeySpace {
    private final String stem;
    private final ByteString prefix;

    /** The keys whose names begin with {@code stem}, which is followed by a key's path and its leading slash. */
    KeySpace(String stem) {
        this.stem = stem;
        this.prefix = ByteString.copyFromUtf8(stem);
    }

    /** The name of {@code key} in etcd. */
    ByteString name(Key key) {
        return ByteString.copyFromUtf8(stem + key.path());
    }

    /** The first name that a key below {@code directory} can have. */
    ByteString first(Directory directory) {
        return ByteString.copyFromUtf8(stem + directory.rangeStart());
    }

    /** The first name after those that a key below {@code directory} can have. */
    ByteString end(Directory directory) {
        return ByteString.copyFromUtf8(stem + directory.rangeEnd());
    }

    /**
     * The key with this name, or null if there can be none: other clients may write names that are no paths, and those are out of
     * sight.
     */
    @Nullable
    Key key(ByteString name) {
        if (!name.startsWith(prefix) || !name.isValidUtf8()) {
            return null;
        }
        try {
            return Key.of(name.substring(prefix.size()).toStringUtf8());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The entry as etcd has it, or null if its name is no key. */
    @Nullable
    KeyValue entry(io.etcd.jetcd.api.KeyValue stored) {
        Key key = key(stored.getKey());
        return key == null ? null : entry(key, stored);
    }

    /** The entry of {@code key} as etcd has it. */
    static KeyValue entry(Key key, io.etcd.jetcd.api.KeyValue stored) {
        return new KeyValue(
                key,
                Bytes.unsafeWrap(stored.getValue().toByteArray()),
                stored.getModRevision(),
                stored.getLease() != 0);
    }

    /** The form of a value that etcd takes, without a copy: nobody can write to the bytes. */
    static ByteString value(Bytes value) {
        return UnsafeByteOperations.unsafeWrap(value.asByteBuffer());
    }
}
