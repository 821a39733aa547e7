package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Printable;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes entries. An entry that cannot be decoded disturbs no other. */
final class NodeReader<T> {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private final NodeCodec<T> codec;

    NodeReader(NodeCodec<T> codec) {
        this.codec = codec;
    }

    /** {@code Present} or {@code Unreadable}, and what the record says of itself; never throws. {@code nodeId} is the key's path within its kind. */
    Decoded<T> read(String kind, String nodeId, KeyValue entry) {
        if (nodeId.indexOf('/') >= 0) {
            return unreadable(nodeId, entry, "its key is too deep: a node's has one segment after its kind");
        }
        try {
            T value = codec.decode(entry.value());
            return value == null
                    ? unreadable(nodeId, entry, "the document is null, which is how a missing record is written")
                    : present(kind, nodeId, value, entry);
        } catch (NodeFormatException e) {
            return unreadable(nodeId, entry, String.valueOf(e.getMessage()));
        } catch (Throwable e) {
            // An Error as well, for instance of a class that is gone when an application ends: the other records are
            // well.
            // The codec's own words may quote the value, so only the log at its finest gets them.
            LOG.debug("The codec failed on '{}'.", Printable.line(entry.key().path()), e);
            return unreadable(
                    nodeId, entry, "the codec failed with " + e.getClass().getName());
        }
    }

    /** The bytes of a record; throws what the codec throws. */
    Bytes encode(T value) {
        return codec.encode(value);
    }

    /** The record {@code value}, whose bytes are in {@code entry}. */
    Decoded<T> present(String kind, String nodeId, T value, KeyValue entry) {
        boolean alive = says("alive", codec::isAlive, value);
        boolean usable = says("usable", codec::isUsable, value);
        Liveness liveness = Liveness.of(false, entry.leased(), entry.revision(), 0, alive);
        Node<T> node = new Node<>(
                kind, nodeId, value, entry.revision(), entry.leased(), liveness, liveness.isAlive() && usable);
        return new Decoded<>(new NodeEvent.Present<>(entry.key(), node), alive, usable);
    }

    /** What the record says; false if even that cannot be told. */
    private boolean says(String what, Predicate<T> question, T value) {
        try {
            return question.test(value);
        } catch (Throwable e) {
            LOG.warn("The codec cannot tell whether a record is of a node that is {}.", what, e);
            return false;
        }
    }

    private static <T> Decoded<T> unreadable(String nodeId, KeyValue entry, String reason) {
        Key key = entry.key();
        return new Decoded<>(
                new NodeEvent.Unreadable<>(
                        nodeId,
                        new UnreadableEntry(key, entry.revision(), entry.value().size(), reason)),
                false,
                false);
    }
}
