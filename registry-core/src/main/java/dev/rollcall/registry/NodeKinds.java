package dev.rollcall.registry;

/** The kinds of TiDB Binlog. A kind is a directory below the root; any other name is allowed too. */
public final class NodeKinds {
    /** The nodes that take in binlogs. */
    public static final String PUMPS = "pumps";

    /** The nodes that send them on. */
    public static final String DRAINERS = "drainers";

    private NodeKinds() {}
}
