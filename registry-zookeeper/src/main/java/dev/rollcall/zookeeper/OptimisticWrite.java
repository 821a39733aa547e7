package dev.rollcall.zookeeper;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.List;
import java.util.function.Function;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * The commonest writes, sent without a read before them: a put of a node assumed to be present; a create, assuming the node is absent and its
 * parent present; an update or a deletion of a revision whose version is known, assuming it is still the latest. If the assumption is wrong,
 * ZooKeeper refuses the whole, and the write begins again with a read.
 */
final class OptimisticWrite {
    private OptimisticWrite() {}

    /** What to send, or null if this transaction needs a look. */
    static @Nullable List<Op> ops(Txn txn, Layout layout, Function<String, List<ACL>> acls, KnownVersions versions) {
        if (txn.writes().size() != 1 || txn.conditions().size() > 1) {
            return null;
        }
        Write write = txn.writes().get(0);
        String path = layout.path(write.key());
        if (txn.conditions().isEmpty()) {
            return write instanceof Write.Put put && versions.isProbablyThere(path)
                    ? List.of(Op.setData(path, value(put), Guards.ANY))
                    : null;
        }
        Condition condition = txn.conditions().get(0);
        if (!condition.key().equals(write.key())) {
            return null;
        }
        if (condition instanceof Condition.Absent && write instanceof Write.Put put) {
            return List.of(
                    Op.setData(layout.stripeOf(path), Znode.NO_VALUE, Guards.ANY),
                    Op.create(path, value(put), acls.apply(path), CreateMode.PERSISTENT));
        }
        if (condition instanceof Condition.RevisionIs expected) {
            KnownVersions.Guard guard = versions.guard(path, expected.revision());
            return guard == null ? null : guarded(layout, path, write, guard);
        }
        return null;
    }

    private static List<Op> guarded(Layout layout, String path, Write write, KnownVersions.Guard guard) {
        Op same = Op.check(layout.stripeOf(path), guard.generation());
        if (write instanceof Write.Put put) {
            return List.of(same, Op.setData(path, value(put), guard.version()));
        }
        Op delete = Op.delete(path, guard.version());
        return guard.leased() ? List.of(same, Guards.bump(layout.departuresOf(path)), delete) : List.of(same, delete);
    }

    private static byte[] value(Write.Put put) {
        return put.value().toByteArray();
    }
}
