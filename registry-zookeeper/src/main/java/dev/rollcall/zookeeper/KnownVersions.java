package dev.rollcall.zookeeper;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.jute.Record;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.CreateResult;
import org.apache.zookeeper.OpResult.SetDataResult;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.SetDataRequest;
import org.jspecify.annotations.Nullable;

/**
 * The versions of nodes from the replies of this handle, so that a compare-and-set on a revision that it has read or written lately needs no read before
 * it: ZooKeeper compares versions, and callers name revisions.
 *
 * <p>A version need not be current. It is sent as a guard, which only holds if no node of the stripe was created since its generation was seen, and the
 * node was seen no earlier than that; then equal versions mean equal states, as in {@link Guards}. Otherwise ZooKeeper refuses the write, and it starts
 * again with a read.
 */
final class KnownVersions {
    /**
     * How long a node is remembered. Only clients that bump no generation make a difference: what they delete and create anew, with as
     * many updates, within this time after it was seen is taken for the same.
     */
    static final Duration LONGEST = Duration.ofSeconds(5);

    /** The most nodes that are remembered, about 200 bytes each; those used last stay. */
    static final int MOST = 16_384;

    private final Layout layout;
    private final LongSupplier nanoTime;
    /* Concurrency: lock guards the fields below it; answers of several sessions come on several threads, in any order. */
    private final ReentrantLock lock = new ReentrantLock();
    /** Whether the last node that was not known, and was to be written, was there. */
    private boolean hopeful = true;

    private final Map<String, Generation> generations = new HashMap<>();
    private final Map<String, Known> nodes = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST;
        }
    };

    /** @param nanoTime a monotonic clock */
    KnownVersions(Layout layout, LongSupplier nanoTime) {
        this.layout = layout;
        this.nanoTime = nanoTime;
    }

    /** The version that the node had when its entry was at {@code revision}, seen in the state of {@code zxid}, at a time. */
    private record Known(long revision, int version, boolean leased, long zxid, long nanos) {}

    /** A generation, and the first state that it was seen in. */
    private record Generation(int version, long since) {}

    /**
     * What to require of ZooKeeper so that a write only happens to the entry of this revision.
     *
     * @param generation of the path's stripe
     * @param version of the node
     * @param leased whether the node is on a lease
     */
    record Guard(int generation, int version, boolean leased) {}

    /** What stands for this revision of the entry at {@code path}, or null if that is not known. */
    @Nullable
    Guard guard(String path, long revision) {
        lock.lock();
        try {
            Known known = nodes.get(path);
            Generation generation = generations.get(layout.stripeOf(path));
            if (known == null || known.revision != revision || generation == null || known.zxid < generation.since) {
                return null;
            }
            if (nanoTime.getAsLong() - known.nanos > LONGEST.toNanos()) {
                return null;
            }
            boolean comparable = known.version != Guards.ANY && generation.version != Guards.ANY;
            return comparable ? new Guard(generation.version, known.version, known.leased) : null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether there is probably a node at {@code path}: because it was there when last seen, or, if it was never seen, because that was
     * so with the last of its kind. Whoever loads new keys puts one after the other that is not there.
     */
    boolean isProbablyThere(String path) {
        lock.lock();
        try {
            return nodes.containsKey(path) || hopeful;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a node that was to be put was there. */
    void wasThere(boolean there) {
        lock.lock();
        try {
            hopeful = there;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets everything: the store has gone back in time. */
    void forget() {
        lock.lock();
        try {
            generations.clear();
            nodes.clear();
        } finally {
            lock.unlock();
        }
    }

    /** A node was read in the state of {@code zxid}. */
    void read(String path, Znode node, long zxid) {
        Stat stat = node.stat();
        if (stat != null && (node.isEntry() || layout.isStripe(path))) {
            seen(path, stat.getMzxid(), stat.getVersion(), node.owner() != 0, zxid);
            return;
        }
        lock.lock();
        try {
            nodes.computeIfPresent(path, (same, known) -> known.zxid <= zxid ? null : known);
        } finally {
            lock.unlock();
        }
    }

    /** All of these were applied, in the transaction {@code zxid}. */
    void applied(List<Op> ops, List<OpResult> results, long zxid) {
        for (int i = 0; i < results.size(); i++) {
            String path = ops.get(i).getPath();
            // A node without a value is no entry, whatever its version: a directory, or what is left of a key above
            // others.
            if (!layout.isStripe(path) && !hasValue(ops.get(i))) {
                read(path, Znode.ABSENT, zxid);
            } else if (results.get(i) instanceof SetDataResult written) {
                Znode node = new Znode(Znode.NO_VALUE, written.getStat());
                seen(path, zxid, node.version(), node.owner() != 0, zxid);
            } else if (results.get(i) instanceof CreateResult) {
                seen(path, zxid, 0, LeaseEntries.isLeased(ops.get(i)), zxid);
            }
        }
    }

    private static boolean hasValue(Op op) {
        Record request = op.toRequestRecord();
        return request instanceof SetDataRequest set
                ? set.getData() != null
                : request instanceof CreateRequest create && create.getData() != null;
    }

    private void seen(String path, long revision, int version, boolean leased, long zxid) {
        lock.lock();
        try {
            if (layout.isStripe(path)) {
                generations.merge(path, new Generation(version, zxid), KnownVersions::later);
            } else {
                nodes.merge(
                        path, new Known(revision, version, leased, zxid, nanoTime.getAsLong()), KnownVersions::later);
            }
        } finally {
            lock.unlock();
        }
    }

    private static Generation later(Generation before, Generation now) {
        if (now.version == before.version) {
            return now.since < before.since ? now : before;
        }
        // Equal if two bumps were one transaction; then they come in order.
        return now.since >= before.since ? now : before;
    }

    private static Known later(Known before, Known now) {
        return now.zxid >= before.zxid ? now : before;
    }
}
