package dev.rollcall.zookeeper;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.ACL;

/**
 * The two commonest writes, sent without a look: a put, in the hope that the key's node exists, and a create, in the hope that it does
 * not while its parent does. Where the hope is wrong, ZooKeeper refuses and nothing is lost but the time.
 */
final class QuickWrite {
    private QuickWrite() {}

    static boolean isPossible(Txn txn) {
        return txn.writes().size() == 1
                && txn.writes().get(0) instanceof Write.Put
                && (txn.conditions().isEmpty() || isCreate(txn));
    }

    private static boolean isCreate(Txn txn) {
        return txn.conditions().size() == 1
                && txn.conditions().get(0) instanceof Condition.Absent absent
                && absent.key().equals(txn.writes().get(0).key());
    }

    static List<Op> ops(Txn txn, Layout layout, List<ACL> acl) {
        if (!(txn.writes().get(0) instanceof Write.Put put)) {
            throw new IllegalArgumentException("Only a put can be sent without a look.");
        }
        String path = layout.path(put.key());
        byte[] value = put.value().toByteArray();
        return isCreate(txn)
                ? List.of(
                        Op.setData(layout.stripeOf(path), Node.NO_VALUE, Guards.ANY),
                        Op.create(path, value, acl, CreateMode.PERSISTENT))
                : List.of(Op.setData(path, value, Guards.ANY));
    }
}
