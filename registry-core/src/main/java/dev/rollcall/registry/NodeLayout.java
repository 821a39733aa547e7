package dev.rollcall.registry;

/**
 * Where a registry keeps things below its root. All registries on one root use one layout; with another one nothing of theirs is found.
 *
 * <p>What follows a kind costs what is written in the directory that it follows: with {@link #BY_KIND} the kind's, with {@link #TIDB_BINLOG} the root's.
 */
public enum NodeLayout {
    /**
     * TiDB Binlog's, for nodes that TiDB's own programs read or write: the directory of a kind has records only, so that what is ours stands elsewhere,
     * and only the root has everything of a kind.
     *
     * <pre>
     * root/kind/nodeId                  the record
     * root/.rollcall/alive/kind/nodeId  the claim
     * root/.rollcall/kept/kind/nodeId   the mark
     * </pre>
     */
    TIDB_BINLOG,

    /**
     * For records of one's own: everything of a kind in a directory of its own.
     *
     * <pre>
     * root/kind/nodes/nodeId  the record
     * root/kind/alive/nodeId  the claim
     * root/kind/kept/nodeId   the mark
     * </pre>
     */
    BY_KIND
}
