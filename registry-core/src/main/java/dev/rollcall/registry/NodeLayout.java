package dev.rollcall.registry;

/**
 * Where a registry keeps records, claims and marks below its root. All registries on one root must use the same layout, since one layout does not find the
 * entries of another.
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
     * root/.rollcall/requests/kind/nodeId  what its owner is asked for, while somebody waits
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
     * root/kind/requests/nodeId  what its owner is asked for, while somebody waits
     * </pre>
     */
    BY_KIND
}
