package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;

/** What became of one entry of a kind's directory. */
public sealed interface NodeEvent<T> {
    /** The key of the entry. */
    Key key();

    /** The id of the node; with slashes in it if the key is too deep to be a node's. */
    String nodeId();

    /** The revision of the write that left it so. */
    long revision();

    /** The node has this record now. */
    record Present<T>(Key key, Node<T> node) implements NodeEvent<T> {
        public Present {
            requireNonNull(key, "key");
            requireNonNull(node, "node");
        }

        @Override
        public String nodeId() {
            return node.nodeId();
        }

        @Override
        public long revision() {
            return node.revision();
        }
    }

    /** The entry is there and is not a node. If it was one before, that one is gone. */
    record Unreadable<T>(String nodeId, UnreadableEntry entry) implements NodeEvent<T> {
        public Unreadable {
            requireNonNull(nodeId, "nodeId");
            requireNonNull(entry, "entry");
        }

        @Override
        public Key key() {
            return entry.key();
        }

        @Override
        public long revision() {
            return entry.revision();
        }
    }

    /** The entry is absent now, whatever it was before. */
    record Absent<T>(Key key, String nodeId, long revision) implements NodeEvent<T> {
        public Absent {
            requireNonNull(key, "key");
            requireNonNull(nodeId, "nodeId");
        }
    }
}
