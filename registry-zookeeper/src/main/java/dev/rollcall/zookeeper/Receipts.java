package dev.rollcall.zookeeper;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.data.ACL;

/**
 * The receipts of one session: ephemeral nodes in which each write leaves its number, in its own transaction. If the answer is lost, the
 * number tells whether the write was applied, and the node's mzxid in which transaction. A write in flight has a receipt to itself; see
 * decision 0043.
 */
final class Receipts {
    /* Concurrency: this object's monitor guards every field; a slot's own fields belong to the write that holds it. */

    /** Writes beyond as many in flight wait. */
    static final int MOST = 256;

    private final String prefix;
    private final List<ACL> acl;
    private final Deque<Slot> free = new ArrayDeque<>();
    private int made;
    private long numbers;

    Receipts(String own, long sessionId, List<ACL> acl) {
        this.prefix = own + "/s" + Long.toHexString(sessionId) + "-";
        this.acl = acl;
    }

    /** A receipt for one write. */
    static final class Slot {
        final String path;
        byte[] number = new byte[0];
        boolean exists;

        Slot(String path) {
            this.path = path;
        }
    }

    /** Whether all are in use. */
    synchronized boolean isExhausted() {
        return free.isEmpty() && made == MOST;
    }

    /** A slot with a fresh number; there is one. */
    synchronized Slot take() {
        Slot slot = free.pollFirst();
        if (slot == null) {
            slot = new Slot(prefix + made++);
        }
        slot.number = ByteBuffer.allocate(Long.BYTES).putLong(++numbers).array();
        return slot;
    }

    /** Those used last are used first, so that a quiet session has one node and not many. */
    synchronized void release(Slot slot) {
        free.addFirst(slot);
    }

    /** The operation that leaves the number, to be the last of the write's transaction. */
    Op receipt(Slot slot) {
        return slot.exists
                ? Op.setData(slot.path, slot.number, -1)
                : Op.create(slot.path, slot.number, acl, CreateMode.EPHEMERAL);
    }

    /** What the slot's node says, read after the write can no longer be applied. */
    static WriteResult settle(Slot slot, OpResult read) {
        if (read instanceof GetDataResult node) {
            slot.exists = true;
            return Arrays.equals(node.getData(), slot.number)
                    ? new WriteResult.Applied(node.getStat().getMzxid(), List.of())
                    : new WriteResult.NotApplied(Code.CONNECTIONLOSS, true);
        }
        boolean absent = read instanceof ErrorResult error && error.getErr() == Code.NONODE.intValue();
        // A receipt that has been there can only have been removed by somebody else, and with it what it said.
        boolean never = absent && !slot.exists;
        slot.exists &= !absent;
        return never
                ? new WriteResult.NotApplied(Code.CONNECTIONLOSS, true)
                : new WriteResult.Unknown(Code.CONNECTIONLOSS);
    }
}
