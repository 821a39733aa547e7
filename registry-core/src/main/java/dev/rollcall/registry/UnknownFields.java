package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of a JSON object that this version does not know, as the bytes they were written with, so that a rewrite by us loses nothing
 * that a newer writer has added. Of fields with one name the last counts, at the place of the first.
 */
final class UnknownFields {
    static final UnknownFields NONE = new UnknownFields(Map.of());

    /** By decoded name, so that two spellings of one name are one field; the value is {@code "name":value} as found. */
    private final Map<String, Bytes> members;

    private UnknownFields(Map<String, Bytes> members) {
        this.members = members;
    }

    UnknownFields with(UnknownFields later) {
        if (later.members.isEmpty()) {
            return this;
        }
        Map<String, Bytes> merged = new LinkedHashMap<>(members);
        merged.putAll(later.members);
        return new UnknownFields(merged);
    }

    Iterable<Bytes> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UnknownFields that && members.equals(that.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    /** Collects fields in order. */
    static final class Builder {
        private final Map<String, Bytes> members = new LinkedHashMap<>();

        void add(String name, Bytes member) {
            members.put(requireNonNull(name), requireNonNull(member));
        }

        UnknownFields build() {
            return members.isEmpty() ? NONE : new UnknownFields(members);
        }
    }
}
