package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.Stat;

/**
 * Removes directories that have become empty. Those above what this handle deletes go soon; those that others leave, as a lease that expires does,
 * go after a while that differs from handle to handle, so that one finds them and the others find nothing. What stays is invisible and does no harm.
 *
 * <p>A directory goes only if it still is what was read: no value, no children, and never created anew. It is written to just before it is
 * deleted, in the same transaction, which no transaction of a user's does: by that the watches of all handles know that no key has gone.
 */
final class Pruner {
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int LEAST_DELAY_MILLIS = 2_000;
    private static final int MOST_DELAY_MILLIS = 10_000;
    /** That are remembered; more are found by the next list. */
    private static final int MOST = 10_000;

    private static final int AT_A_TIME = 64;
    /** For how long a refusal is remembered: somebody may permit it meanwhile. */
    private static final Duration REFUSED = Duration.ofMinutes(10);

    /* Concurrency: lock guards every field below it; the runner and the timer are called without it. */
    private final Layout layout;
    private final SessionRunner runner;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<String> due = new HashSet<>();
    private Set<String> suspects = new LinkedHashSet<>();
    private boolean sweeping;
    /** The nodes whose access lists have refused a deletion, with when: what they guard is not tried again and again. */
    private final Map<String, Long> refusals = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST;
        }
    };

    Pruner(Layout layout, SessionRunner runner, TimeSource time) {
        this.time = time;
        this.layout = layout;
        this.runner = runner;
    }

    /**
     * Removes what has become empty above these nodes, which are gone; after a pause, in which the directory may well be needed again, and
     * in which watches on a 3.8 server learn from it when its children went.
     */
    void pruneAbove(Collection<String> gone) {
        pruneAbove(gone, PAUSE);
    }

    /** Removes what has become empty above these nodes, which will be gone after a while. */
    void pruneAbove(Collection<String> gone, Duration pause) {
        if (gone.isEmpty()) {
            return;
        }
        List<String> parents = gone.stream().map(Layout::parent).distinct().toList();
        lock.lock();
        try {
            due.addAll(parents);
        } finally {
            lock.unlock();
        }
        time.schedule(pause, () -> {
            lock.lock();
            try {
                parents.forEach(due::remove);
            } finally {
                lock.unlock();
            }
            prune(parents, () -> {});
        });
    }

    /** Removes at once what would be removed after a pause; {@code done} runs at the end, unless the handle is closed before. */
    void flush(Runnable done) {
        List<String> paths;
        lock.lock();
        try {
            paths = List.copyOf(due);
            due.clear();
        } finally {
            lock.unlock();
        }
        prune(paths, done);
    }

    /** Somebody may have left these directories empty. */
    void suspect(Collection<String> directories) {
        boolean first;
        lock.lock();
        try {
            for (String path : directories) {
                if (suspects.size() < MOST && layout.isBelowRoot(path) && !isForbidden(path)) {
                    suspects.add(path);
                }
            }
            first = !sweeping && !suspects.isEmpty();
            sweeping |= first;
        } finally {
            lock.unlock();
        }
        if (first) {
            sweepLater();
        }
    }

    /** Called with the lock held. */
    private boolean isForbidden(String path) {
        return wasRefusedBy(path) || wasRefusedBy(Layout.parent(path)) || wasRefusedBy(layout.stripeOf(path));
    }

    private boolean wasRefusedBy(String node) {
        Long at = refusals.get(node);
        return at != null && time.nanoTime() - at < REFUSED.toNanos();
    }

    private void sweepLater() {
        int delay = ThreadLocalRandom.current().nextInt(LEAST_DELAY_MILLIS, MOST_DELAY_MILLIS);
        time.schedule(Duration.ofMillis(delay), this::sweep);
    }

    private void sweep() {
        List<String> paths;
        lock.lock();
        try {
            // Others of the same directory may have been refused since.
            paths = suspects.stream().filter(path -> !isForbidden(path)).toList();
            suspects = new LinkedHashSet<>();
        } finally {
            lock.unlock();
        }
        prune(paths, this::swept);
    }

    private void swept() {
        boolean more;
        lock.lock();
        try {
            more = !suspects.isEmpty();
            sweeping = more;
        } finally {
            lock.unlock();
        }
        if (more) {
            sweepLater();
        }
    }

    /** Removes those of these directories that are empty, and what becomes empty above them; gives up where there is no answer. */
    private void prune(List<String> paths, Runnable done) {
        List<String> below = paths.stream().filter(layout::isBelowRoot).toList();
        if (below.isEmpty()) {
            done.run();
            return;
        }
        List<String> now = below.subList(0, Math.min(AT_A_TIME, below.size()));
        Set<String> later = new LinkedHashSet<>(below.subList(now.size(), below.size()));
        Set<String> reads = new LinkedHashSet<>(now);
        now.forEach(path -> reads.add(layout.stripeOf(path)));
        run(
                session -> session.read(Znodes.reads(reads), reply -> {
                    if (reply.isOk()) {
                        Znodes nodes = Znodes.of(reads, reply);
                        delete(
                                session,
                                now.stream()
                                        .filter(path -> isEmpty(nodes.at(path)))
                                        .toList(),
                                nodes,
                                later,
                                done);
                    } else {
                        done.run();
                    }
                }),
                done);
    }

    /** Called and answered on the event thread, to which {@code later} is confined. */
    private void delete(Session session, List<String> empty, Znodes nodes, Set<String> later, Runnable done) {
        if (empty.isEmpty()) {
            prune(List.copyOf(later), done);
            return;
        }
        AtomicInteger left = new AtomicInteger(empty.size());
        boolean[] lost = new boolean[1];
        for (String path : empty) {
            List<Op> ops = deletion(path, nodes);
            session.writePlain(ops, reply -> {
                lost[0] |= !reply.isOk();
                if (reply.isOk() && reply.firstFailed() < 0) {
                    later.add(Layout.parent(path));
                } else if (reply.isOk() && reply.errorAt(reply.firstFailed()) == Code.NOAUTH) {
                    refused(WriteResult.Rejected.node(ops.get(reply.firstFailed()), Code.NOAUTH));
                }
                if (left.decrementAndGet() > 0) {
                    return;
                }
                if (lost[0]) {
                    done.run();
                } else {
                    prune(List.copyOf(later), done);
                }
            });
        }
    }

    private void refused(String node) {
        lock.lock();
        try {
            // Out first, so that it is the youngest.
            refusals.remove(node);
            refusals.put(node, time.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** Removes these directories, the deepest first; then does what is next. */
    void pruneAll(List<String> directories, Runnable next) {
        if (directories.isEmpty()) {
            next.run();
            return;
        }
        String path = directories.get(directories.size() - 1);
        List<String> rest = directories.subList(0, directories.size() - 1);
        List<String> paths = List.of(path, layout.stripeOf(path));
        run(
                session -> session.read(Znodes.reads(paths), reply -> {
                    Znodes nodes = reply.isOk() ? Znodes.of(paths, reply) : new Znodes(0, Map.of());
                    if (isDeletable(nodes.at(path))) {
                        session.writePlain(deletion(path, nodes), deleted -> pruneAll(rest, next));
                    } else {
                        pruneAll(rest, next);
                    }
                }),
                next);
    }

    private void run(Consumer<Session> work, Runnable refused) {
        runner.run(new SessionRunner.SessionTask() {
            @Override
            public boolean isOver() {
                return false;
            }

            @Override
            public void run(Session session) {
                work.accept(session);
            }

            @Override
            public void delayed(String reason) {
                // Nobody waits for it.
            }

            @Override
            public void refuse(Code cause) {
                refused.run();
            }
        });
    }

    /** Whether it had children once, and has none: what others have made and not used yet is left alone, as is what the server removes by itself. */
    private static boolean isEmpty(Znode node) {
        Stat stat = node.stat();
        return stat != null && stat.getCversion() > 0 && stat.getEphemeralOwner() == 0 && isDeletable(node);
    }

    private static boolean isDeletable(Znode node) {
        int version = node.version();
        return node.exists()
                && !node.isEntry()
                && node.children() == 0
                && version != Guards.ANY
                && version != Guards.ANY - 1;
    }

    private List<Op> deletion(String path, Znodes nodes) {
        int version = nodes.at(path).version();
        Guards guards = new Guards(layout, nodes);
        guards.requireNoCreation(path);
        List<Op> ops = new ArrayList<>(guards.ops());
        ops.add(Op.setData(path, Znode.NO_VALUE, version));
        ops.add(Op.delete(path, version + 1));
        return ops;
    }
}
