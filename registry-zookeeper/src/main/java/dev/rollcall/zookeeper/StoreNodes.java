package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;

/**
 * Creates the nodes that a store needs before its first write: the root, its parents, and the backend's own nodes. They are created when a write finds them
 * missing, so that a handle that only reads needs no permission to create; and once for all writes of a session that find them missing at the same time.
 */
final class StoreNodes {
    /* Concurrency: lock guards the field below it; sessions and those who wait are called without it. */
    private final Layout layout;
    private final List<ACL> acl;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Session, List<Consumer<Code>>> waiting = new HashMap<>();

    StoreNodes(Layout layout, List<ACL> acl) {
        this.layout = layout;
        this.acl = acl;
    }

    /** Makes what is missing; {@code done} gets OK, or why that was not possible. */
    void lay(Session session, Consumer<Code> done) {
        boolean first;
        lock.lock();
        try {
            List<Consumer<Code>> all = waiting.computeIfAbsent(session, any -> new ArrayList<>());
            first = all.isEmpty();
            all.add(done);
        } finally {
            lock.unlock();
        }
        if (first) {
            layOnce(session, code -> laid(session, code));
        }
    }

    private void laid(Session session, Code code) {
        List<Consumer<Code>> all;
        lock.lock();
        try {
            all = waiting.remove(session);
        } finally {
            lock.unlock();
        }
        if (all != null) {
            all.forEach(done -> done.accept(code));
        }
    }

    private void layOnce(Session session, Consumer<Code> done) {
        List<String> paths = new ArrayList<>(layout.rootAndAbove());
        paths.add(layout.own());
        paths.addAll(layout.stripes());
        paths.addAll(layout.departures());
        session.readFresh(Znodes.reads(paths), reply -> {
            if (!reply.isOk()) {
                done.accept(reply.code());
                return;
            }
            Znodes nodes = Znodes.of(paths, reply);
            List<Op> creates = new ArrayList<>();
            for (int i = 0; i < paths.size(); i++) {
                // A node that may not be read is there.
                if (!nodes.at(paths.get(i)).exists() && reply.errorAt(i) == Code.NONODE) {
                    creates.add(Op.create(paths.get(i), Znode.NO_VALUE, access(paths.get(i)), CreateMode.PERSISTENT));
                }
            }
            if (creates.isEmpty()) {
                done.accept(Code.OK);
                return;
            }
            // Without a receipt, which would need what is made here; to do it twice is harmless.
            session.writePlain(creates, created -> finished(created, done));
        });
    }

    /** What is above the root is not the store's, so it is not claimed for its user: others may have stores beside it. */
    private List<ACL> access(String path) {
        return layout.root().startsWith(path + "/") ? Ids.OPEN_ACL_UNSAFE : acl;
    }

    private static void finished(Reply created, Consumer<Code> done) {
        if (!created.isOk()) {
            done.accept(created.code());
            return;
        }
        int failed = created.firstFailed();
        Code code = failed < 0 ? Code.OK : created.errorAt(failed);
        // Somebody else was at it: the next look tells whether all is there.
        done.accept(ZooKeeperErrors.remedy(code) == ZooKeeperErrors.Remedy.LOOK_AGAIN ? Code.OK : code);
    }
}
