package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.zookeeper.Op;

/**
 * Removes directories that have become empty, as far as that is possible at once; what stays is invisible and does no harm.
 *
 * <p>A directory goes only if it still is what was read: no value, no children, and never created anew. It is written to just before it is
 * deleted, in the same transaction, which no transaction of a user's does: by that the watches of all handles know that no key has gone.
 */
final class Pruner {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Layout layout;
    private final Venue venue;
    private final TimeSource time;

    Pruner(Layout layout, Venue venue, TimeSource time) {
        this.time = time;
        this.layout = layout;
        this.venue = venue;
    }

    /**
     * Removes what has become empty above these nodes, which are gone; after a pause, in which the directory may well be needed again, and
     * in which watches on a 3.8 server learn from it when its children went.
     */
    void pruneAbove(Collection<String> gone) {
        if (!gone.isEmpty()) {
            time.schedule(
                    PAUSE, () -> gone.stream().map(Layout::parent).distinct().forEach(path -> prune(path, () -> {})));
        }
    }

    /** Removes these directories, the deepest first, and what has become empty above them; then does what is next. */
    void pruneAll(List<String> directories, Runnable next) {
        if (directories.isEmpty()) {
            next.run();
            return;
        }
        List<String> rest = directories.subList(0, directories.size() - 1);
        prune(directories.get(directories.size() - 1), () -> pruneAll(rest, next));
    }

    private void prune(String path, Runnable next) {
        if (!layout.isBelowRoot(path)) {
            next.run();
            return;
        }
        venue.run(new Venue.Errand() {
            @Override
            public boolean isOver() {
                return false;
            }

            @Override
            public void run(Session session) {
                List<String> paths = List.of(path, layout.stripeOf(path));
                session.read(Nodes.reads(paths), reply -> {
                    if (!reply.isOk() || !delete(session, path, Nodes.of(paths, reply), next)) {
                        next.run();
                    }
                });
            }

            @Override
            public void delayed(String reason) {
                // Nobody waits for it.
            }

            @Override
            public void refuse(org.apache.zookeeper.KeeperException.Code cause) {
                next.run();
            }
        });
    }

    private boolean delete(Session session, String path, Nodes nodes, Runnable next) {
        Node node = nodes.at(path);
        int version = node.version();
        if (!node.exists()
                || node.isEntry()
                || node.children() > 0
                || version == Guards.ANY
                || version == Guards.ANY - 1) {
            return false;
        }
        Guards guards = new Guards(layout, nodes);
        guards.requireNoCreation(path);
        List<Op> ops = new ArrayList<>(guards.ops());
        ops.add(Op.setData(path, Node.NO_VALUE, version));
        ops.add(Op.delete(path, version + 1));
        session.writePlain(ops, reply -> {
            if (reply.isOk() && reply.firstFailed() < 0) {
                prune(Layout.parent(path), next);
            } else {
                next.run();
            }
        });
        return true;
    }
}
