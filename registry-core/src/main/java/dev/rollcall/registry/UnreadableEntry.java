package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;

/**
 * An entry in a kind's directory that is not a node: its value cannot be decoded, or its key is too deep. Reported beside the nodes, it
 * harms none of them.
 *
 * @param key the key
 * @param revision the revision of the last write to it
 * @param size the size of its value in bytes
 * @param reason why it is not a node; a clause without a full stop, and without the value
 */
public record UnreadableEntry(Key key, long revision, int size, String reason) {
    public UnreadableEntry {
        requireNonNull(key, "key");
        requireNonNull(reason, "reason");
    }
}
