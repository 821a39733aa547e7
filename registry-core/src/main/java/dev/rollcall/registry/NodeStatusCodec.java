package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import org.jspecify.annotations.Nullable;

/** {@link NodeCodec#tidbBinlog()}. */
final class NodeStatusCodec implements NodeCodec<NodeStatus> {
    static final NodeStatusCodec INSTANCE = new NodeStatusCodec();

    private NodeStatusCodec() {}

    @Override
    public Bytes encode(NodeStatus value) {
        return NodeStatusJson.encode(value);
    }

    @Override
    public @Nullable NodeStatus decode(Bytes bytes) {
        return NodeStatusJson.decode(bytes);
    }

    @Override
    public boolean isAlive(NodeStatus value) {
        return switch (value.state()) {
            case ONLINE, PAUSING, CLOSING -> true;
            case PAUSED, OFFLINE, UNKNOWN -> false;
        };
    }

    @Override
    public boolean isUsable(NodeStatus value) {
        return value.state() == NodeState.ONLINE;
    }

    @Override
    public NodeStatus pausing(NodeStatus value) {
        return value.withState(onlyIfOnline(value, NodeState.PAUSING));
    }

    @Override
    public NodeStatus draining(NodeStatus value) {
        return value.withState(onlyIfOnline(value, NodeState.CLOSING));
    }

    /** As pumps and drainers do when they are asked to: from any other state there is no way. */
    private static NodeState onlyIfOnline(NodeStatus value, NodeState next) {
        if (value.state() != NodeState.ONLINE) {
            throw new IllegalStateException("Only a node that is 'online' can become '" + next.text()
                    + "', but the state of '" + value.nodeId() + "' is '" + value.stateText() + "'.");
        }
        return next;
    }

    /** As pumps and drainers leave: only one that was to go for good is offline, since TiDB does not wait for those any more. */
    @Override
    public NodeStatus departed(NodeStatus value) {
        NodeStatus left = value.withAlive(false);
        return switch (value.state()) {
            case ONLINE, PAUSING -> left.withState(NodeState.PAUSED);
            case CLOSING -> left.withState(NodeState.OFFLINE);
            case PAUSED, OFFLINE, UNKNOWN -> left;
        };
    }

    @Override
    public String toString() {
        return "NodeCodec[tidb-binlog]";
    }
}
