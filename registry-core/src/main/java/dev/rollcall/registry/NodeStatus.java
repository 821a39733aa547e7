package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The record of a TiDB Binlog node, a pump or a drainer. Immutable; compared by content.
 *
 * <p>In the store it is the JSON that Go's {@code encoding/json} writes for TiDB's {@code Status}, byte for byte; see {@link
 * NodeCodec#tidbBinlog()}. Fields that this version does not know are kept when a record that was read is changed and written back. A
 * state that is none of the five reads as {@link NodeState#UNKNOWN} and is kept likewise, so that an old reader can neither choke on a
 * newer writer's record nor spoil it.
 */
public final class NodeStatus {
    private final String nodeId;
    private final String host;
    private final String state;
    private final boolean alive;
    private final long score;
    private final @Nullable NodeLabel label;
    private final long maxCommitTs;
    private final long updateTs;
    private final UnknownFields unknown;

    private NodeStatus(Builder from) {
        this.nodeId = from.nodeId;
        this.host = from.host;
        this.state = from.state;
        this.alive = from.alive;
        this.score = from.score;
        this.label = from.label;
        this.maxCommitTs = from.maxCommitTs;
        this.updateTs = from.updateTs;
        this.unknown = from.unknown;
    }

    /** A new builder, for a node that is online; not safe for use by several threads. */
    public static Builder builder(String nodeId, String host) {
        return new Builder().nodeId(nodeId).host(host).state(NodeState.ONLINE);
    }

    /** The node's id: what its key ends in. */
    public String nodeId() {
        return nodeId;
    }

    /** Where the node listens, as {@code host:port}. */
    public String host() {
        return host;
    }

    /** The state, or {@link NodeState#UNKNOWN} if the text is none of the known ones. */
    public NodeState state() {
        return NodeState.of(state);
    }

    /** The state's text as it is in the store. */
    public String stateText() {
        return state;
    }

    /** The field {@code isAlive}. TiDB neither sets nor reads it; {@link Node#isAlive()} tells whether a node is alive. */
    public boolean isAlive() {
        return alive;
    }

    /** The score that the node gives itself; negative means useless. */
    public long score() {
        return score;
    }

    /** The labels, or empty if the record has none. */
    public Optional<NodeLabel> label() {
        return Optional.ofNullable(label);
    }

    /** The newest commit timestamp that the node has seen, from TiDB's timestamp oracle. */
    public long maxCommitTs() {
        return maxCommitTs;
    }

    /**
     * The timestamp of the last change of this record, from TiDB's timestamp oracle: milliseconds since 1970, shifted to the left by 18 bits, which
     * count within a millisecond. See {@link NodeFilters#updatedWithin}.
     */
    public long updateTs() {
        return updateTs;
    }

    @Nullable
    NodeLabel labelOrNull() {
        return label;
    }

    UnknownFields unknown() {
        return unknown;
    }

    /** This status with another state. */
    public NodeStatus withState(NodeState newState) {
        return with(builder -> builder.state(newState));
    }

    /** This status, alive or not. */
    public NodeStatus withAlive(boolean newAlive) {
        return with(builder -> builder.alive(newAlive));
    }

    /** This status with another score. */
    public NodeStatus withScore(long newScore) {
        return with(builder -> builder.score(newScore));
    }

    /** This status with another update timestamp. */
    public NodeStatus withUpdateTs(long newUpdateTs) {
        return with(builder -> builder.updateTs(newUpdateTs));
    }

    private NodeStatus with(Consumer<Builder> change) {
        Builder builder = toBuilder();
        change.accept(builder);
        return builder.build();
    }

    /** A new builder that starts from this status, fields that this version does not know included. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.nodeId = nodeId;
        builder.host = host;
        builder.state = state;
        builder.alive = alive;
        builder.score = score;
        builder.label = label;
        builder.maxCommitTs = maxCommitTs;
        builder.updateTs = updateTs;
        builder.unknown = unknown;
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeStatus that
                && nodeId.equals(that.nodeId)
                && host.equals(that.host)
                && state.equals(that.state)
                && alive == that.alive
                && score == that.score
                && Objects.equals(label, that.label)
                && maxCommitTs == that.maxCommitTs
                && updateTs == that.updateTs
                && unknown.equals(that.unknown);
    }

    @Override
    public int hashCode() {
        return Objects.hash(nodeId, host, state, alive, score, label, maxCommitTs, updateTs, unknown);
    }

    /** A short form for logs. */
    @Override
    public String toString() {
        return "NodeStatus[" + nodeId + ", " + host + ", " + state + (alive ? ", alive" : ", not alive") + ", score "
                + score + (label == null ? "" : ", " + label) + ", updateTS " + updateTs + "]";
    }

    /** Collects the fields of a {@link NodeStatus}; those not set are empty, zero, false or absent. */
    public static final class Builder {
        private String nodeId = "";
        private String host = "";
        private String state = "";
        private boolean alive;
        private long score;
        private @Nullable NodeLabel label;
        private long maxCommitTs;
        private long updateTs;
        private UnknownFields unknown = UnknownFields.NONE;

        Builder() {}

        /** Sets the node's id. */
        public Builder nodeId(String value) {
            nodeId = requireNonNull(value, "nodeId");
            return this;
        }

        /** Sets where the node listens. */
        public Builder host(String value) {
            host = requireNonNull(value, "host");
            return this;
        }

        /**
         * Sets the state.
         *
         * @throws IllegalArgumentException for {@link NodeState#UNKNOWN}
         */
        public Builder state(NodeState value) {
            if (value == NodeState.UNKNOWN) {
                throw new IllegalArgumentException(
                        "The state UNKNOWN stands for texts that are not known and cannot be written.");
            }
            state = value.text();
            return this;
        }

        /** Sets a state's text as found in a store. */
        Builder stateText(String value) {
            state = value;
            return this;
        }

        /** Sets whether the record says that the node is alive. */
        public Builder alive(boolean value) {
            alive = value;
            return this;
        }

        /** Sets the score. */
        public Builder score(long value) {
            score = value;
            return this;
        }

        /** Sets the label, or takes it away if null. */
        public Builder label(@Nullable NodeLabel value) {
            label = value;
            return this;
        }

        /** Sets the newest commit timestamp. */
        public Builder maxCommitTs(long value) {
            maxCommitTs = value;
            return this;
        }

        /** Sets the timestamp of the last change. */
        public Builder updateTs(long value) {
            updateTs = value;
            return this;
        }

        Builder unknown(UnknownFields value) {
            unknown = value;
            return this;
        }

        @Nullable
        NodeLabel labelSoFar() {
            return label;
        }

        /** The status as collected so far. */
        public NodeStatus build() {
            return new NodeStatus(this);
        }
    }
}
