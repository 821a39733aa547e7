package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * Creates the nodes that a store needs before its first write: the root, its parents, and the backend's own nodes. They are created when a write finds them
 * missing, so that a handle that only reads needs no permission to create; and once for all writes of a session that find them missing at the same time.
 */
final class StoreNodes {
    /* Concurrency: lock guards the field below it; sessions and those who wait are called without it. */
    private final Layout layout;
    private final NodeAccess access;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Session, List<Done>> waiting = new HashMap<>();

    StoreNodes(Layout layout, NodeAccess access) {
        this.layout = layout;
        this.access = access;
    }

    /** Told once what became of it. */
    interface Done {
        /**
         * All is there if the code is OK.
         *
         * @param node the node that could not be made, if it is known, or whose access list forbids to make others below it
         */
        void laid(Code code, @Nullable String node);
    }

    /** Makes what is missing; {@code done} gets OK, or why that was not possible. */
    void lay(Session session, Done done) {
        boolean first;
        lock.lock();
        try {
            List<Done> all = waiting.computeIfAbsent(session, any -> new ArrayList<>());
            first = all.isEmpty();
            all.add(done);
        } finally {
            lock.unlock();
        }
        if (first) {
            layOnce(session, (code, node) -> laid(session, code, node));
        }
    }

    private void laid(Session session, Code code, @Nullable String node) {
        List<Done> all;
        lock.lock();
        try {
            all = waiting.remove(session);
        } finally {
            lock.unlock();
        }
        if (all != null) {
            all.forEach(done -> done.laid(code, node));
        }
    }

    private void layOnce(Session session, Done done) {
        List<String> paths = new ArrayList<>(layout.rootAndAbove());
        paths.add(layout.own());
        paths.addAll(layout.stripes());
        paths.addAll(layout.departures());
        session.readFresh(Znodes.reads(paths), reply -> {
            if (!reply.isOk()) {
                done.laid(reply.code(), null);
                return;
            }
            Znodes nodes = Znodes.of(paths, reply);
            List<Op> creates = new ArrayList<>();
            for (int i = 0; i < paths.size(); i++) {
                // A node that may not be read is there.
                if (!nodes.at(paths.get(i)).exists() && reply.errorAt(i) == Code.NONODE) {
                    creates.add(Op.create(
                            paths.get(i), Znode.NO_VALUE, access.ofStoreNode(paths.get(i)), CreateMode.PERSISTENT));
                }
            }
            if (creates.isEmpty()) {
                done.laid(Code.OK, null);
                return;
            }
            // Without a receipt, which would need what is made here; to do it twice is harmless.
            session.writePlain(creates, created -> finished(creates, created, done));
        });
    }

    private static void finished(List<Op> creates, Reply created, Done done) {
        int failed = created.isOk() ? created.firstFailed() : -1;
        if (failed < 0) {
            done.laid(created.code(), null);
            return;
        }
        Code code = created.errorAt(failed);
        // Somebody else was at it: the next look tells whether all is there.
        boolean overtaken = ZooKeeperErrors.remedy(code) == ZooKeeperErrors.Remedy.LOOK_AGAIN;
        done.laid(overtaken ? Code.OK : code, WriteResult.Rejected.node(creates.get(failed), code));
    }
}
