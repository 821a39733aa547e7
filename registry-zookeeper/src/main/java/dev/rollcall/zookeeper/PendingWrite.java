package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.BatchQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.proto.SetDataRequest;

/**
 * A write that waits for its turn, perhaps to share a transaction of ZooKeeper's with others. They stay independent: none touches a node that
 * another changes, and if one is refused, which refuses them all, the others are sent again without it.
 *
 * @param ops what it does, all or nothing
 * @param departure asked when it is about to be sent: whether somebody still waits for it
 * @param answer takes what became of it
 * @param bytes its size in a request, or more if it must be alone there
 * @param claims the nodes that it checks and changes
 */
record PendingWrite(
        List<Op> ops,
        BooleanSupplier departure,
        Consumer<WriteResult> answer,
        int bytes,
        Map<String, BatchQueue.Claim> claims)
        implements BatchQueue.Job {

    /** What is larger than any transaction that is shared. */
    private static final int TOO_LARGE_TO_SHARE = 1 << 30;

    /** @param alone whether it must not share a transaction with others */
    static PendingWrite of(
            Layout layout, List<Op> ops, boolean alone, BooleanSupplier departure, Consumer<WriteResult> answer) {
        Map<String, BatchQueue.Claim> claims = new HashMap<>();
        for (Op op : ops) {
            claims.merge(op.getPath(), claim(layout, op), (one, other) -> one == other ? one : BatchQueue.Claim.WRITE);
        }
        return new PendingWrite(ops, departure, answer, alone ? TOO_LARGE_TO_SHARE : RequestSize.bytes(ops), claims);
    }

    /** Whether it must not share a transaction with others. */
    boolean isAlone() {
        return bytes == TOO_LARGE_TO_SHARE;
    }

    private static BatchQueue.Claim claim(Layout layout, Op op) {
        if (op.getType() == OpCode.check) {
            return BatchQueue.Claim.READ;
        }
        // Counters only have to grow, whoever is first.
        return layout.isCounter(op.getPath())
                        && op.toRequestRecord() instanceof SetDataRequest bump
                        && bump.getVersion() == Guards.ANY
                ? BatchQueue.Claim.ADD
                : BatchQueue.Claim.WRITE;
    }

    /** The operations of all, in order. */
    static List<Op> ops(List<PendingWrite> writes) {
        List<Op> ops = new ArrayList<>();
        writes.forEach(write -> ops.addAll(write.ops));
        return ops;
    }

    /** The one of these that the operation at {@code index} of all belongs to, or -1 if it belongs to none. */
    static int owner(List<PendingWrite> writes, int index) {
        int end = 0;
        for (int i = 0; i < writes.size(); i++) {
            end += writes.get(i).ops.size();
            if (index < end) {
                return i;
            }
        }
        return -1;
    }
}
