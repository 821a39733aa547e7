package dev.rollcall.cli.demo;

import dev.rollcall.registry.NodeStatus;
import org.jspecify.annotations.Nullable;

/** A node as an operator sees one: a client of its own that registers, changes, dies and comes back. */
interface DemoNode extends AutoCloseable {
    /** Starts the client and registers its node. */
    void start(NodeStatus status);

    /** Changes the node's record. */
    void update(NodeStatus status);

    /** Why the node cannot be what it was told to be, so that nobody waits for it; null while it may still become that. */
    @Nullable
    NodeFailure failure();

    /** Dies without a word: from now on nobody renews the node's lease. */
    void crash();

    /** Leaves properly: the record stays, offline if it was closing and else paused. Has no effect on a node that is not running. */
    @Override
    void close();
}
