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
        return value.isAlive();
    }

    @Override
    public NodeStatus departed(NodeStatus value) {
        return value.toBuilder().state(NodeState.OFFLINE).alive(false).build();
    }

    @Override
    public String toString() {
        return "NodeCodec[tidb-binlog]";
    }
}
