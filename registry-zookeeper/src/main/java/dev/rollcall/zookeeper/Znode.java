package dev.rollcall.zookeeper;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A znode as it was read.
 *
 * @param data null for a node that is only a directory; ZooKeeper keeps null and empty apart
 * @param stat null if there is no node
 */
record Znode(byte @Nullable [] data, @Nullable Stat stat) {
    /** What makes a node a directory only. */
    static final byte @Nullable [] NO_VALUE = null;

    static final Znode ABSENT = new Znode(null, null);

    /** What container nodes have in the place of an owner; those of a ttl have a byte of ones in front. */
    private static final long CONTAINER = Long.MIN_VALUE;

    private static final long TTL_MARK = 0xFFL << 56;

    /** The result of reading a node that may be absent. */
    static Znode of(OpResult result) {
        return result instanceof GetDataResult node ? new Znode(node.getData(), node.getStat()) : ABSENT;
    }

    boolean exists() {
        return stat != null;
    }

    /** Whether a key is present here. */
    boolean isEntry() {
        return stat != null && data != null;
    }

    /** The revision of the entry, or 0 if there is none. */
    long revision() {
        return stat != null && data != null ? stat.getMzxid() : 0;
    }

    int version() {
        return stat == null ? -1 : stat.getVersion();
    }

    int children() {
        return stat == null ? 0 : stat.getNumChildren();
    }

    /** The session that the node goes with, or 0. */
    long owner() {
        if (stat == null) {
            return 0;
        }
        long owner = stat.getEphemeralOwner();
        return owner == CONTAINER || (owner & TTL_MARK) == TTL_MARK ? 0 : owner;
    }

    /** Whether a key was deleted here while nodes below it stayed: only then is a directory without a value ever written to. */
    boolean isRemainder() {
        return stat != null && data == null && stat.getVersion() != 0;
    }

    /** The entry; the caller has asked whether there is one. */
    KeyValue entry(Key key) {
        if (stat == null || data == null) {
            throw new IllegalStateException("There is no entry at '" + key + "'.");
        }
        return new KeyValue(key, Bytes.unsafeWrap(data), stat.getMzxid(), owner() != 0);
    }
}
