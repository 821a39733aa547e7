package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.proto.CreateRequest;
import org.jspecify.annotations.Nullable;

/**
 * Which ephemeral nodes of one session belong to which of its leases, and which writes may still add to them. ZooKeeper knows the session only; so an entry
 * of a lease is a pair of a path and the transaction that created the node there. Entries that others delete may stay here for a while, since there is no
 * event for them.
 */
final class LeaseEntries {
    /**
     * How much the paths of all may take. A session that expires deletes its ephemerals in one transaction, and a server that cannot read that from
     * its log again does not start any more (decision 0086); receipts come on top.
     */
    static final int MOST_BYTES = 448 * 1024;

    /** For each entry beside its path, in a transaction that deletes it. */
    private static final int EACH_BYTES = 20;

    /*
     * Concurrency: lock guards every field and all shares. It is a leaf: nothing is called with it held but the timer. It may be taken under a session's lock.
     */
    private final ReentrantLock lock = new ReentrantLock();
    private final Consumer<Runnable> later;
    private final Map<String, Share> owners = new HashMap<>();
    /** Nodes that may have been created: somebody has removed the receipt that would have told. */
    private final Map<String, Share> doubts = new HashMap<>();

    private final Map<Object, Departed> underWay = new IdentityHashMap<>();
    private int bytes;

    /** @param later runs a task soon, on a thread that holds no lock */
    LeaseEntries(Consumer<Runnable> later) {
        this.later = later;
    }

    /** The part of one lease. */
    static final class Share {
        private final Map<String, Long> entries = new HashMap<>();
        private int underWay;
        private boolean ended;
        private @Nullable Runnable still;
    }

    /** Whether a write may leave. */
    enum Departure {
        LEAVES,
        /** Its lease has ended. */
        ENDED,
        /** There is no room for what it creates. */
        FULL
    }

    private record Departed(Share share, List<String> created, int bytes) {}

    /** Whether an operation creates an entry of a lease. */
    static boolean isLeased(Op op) {
        return op.toRequestRecord() instanceof CreateRequest create
                && create.getFlags() == CreateMode.EPHEMERAL.toFlag();
    }

    private static int weight(String path) {
        return RequestSize.text(path) + EACH_BYTES;
    }

    /** A write is about to leave, perhaps not for the first time. */
    Departure depart(Share share, Object write, List<Op> ops) {
        List<String> created = new ArrayList<>();
        for (Op op : ops) {
            if (isLeased(op)) {
                created.add(op.getPath());
            }
        }
        lock.lock();
        try {
            back(write);
            if (share.ended) {
                return Departure.ENDED;
            }
            int more = 0;
            for (String path : created) {
                more += owners.containsKey(path) ? 0 : weight(path);
            }
            if (bytes + more > MOST_BYTES) {
                return Departure.FULL;
            }
            bytes += more;
            share.underWay++;
            underWay.put(write, new Departed(share, created, more));
            return Departure.LEAVES;
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private @Nullable Departed back(Object write) {
        Departed departed = underWay.remove(write);
        if (departed == null) {
            return null;
        }
        bytes -= departed.bytes;
        Share share = departed.share;
        share.underWay--;
        if (share.underWay == 0 && share.still != null) {
            later.accept(share.still);
            share.still = null;
        }
        return departed;
    }

    /** A write will not leave. */
    void withdraw(Object write) {
        lock.lock();
        try {
            back(write);
        } finally {
            lock.unlock();
        }
    }

    /** What became of a write that has left. */
    void arrived(Object write, WriteResult written) {
        lock.lock();
        try {
            Departed departed = back(write);
            if (departed == null) {
                return;
            }
            for (String path : departed.created) {
                if (written instanceof WriteResult.Applied applied) {
                    add(departed.share, path, applied.zxid());
                } else if (written instanceof WriteResult.Unknown && doubts.put(path, departed.share) == null) {
                    bytes += weight(path);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private void add(Share share, String path, long czxid) {
        if (doubts.remove(path) != null) {
            bytes -= weight(path);
        }
        Share before = owners.put(path, share);
        if (before == null) {
            bytes += weight(path);
        } else {
            before.entries.remove(path);
        }
        share.entries.put(path, czxid);
    }

    /** Called with the lock held. */
    private void remove(String path) {
        Share share = owners.remove(path);
        if (share != null) {
            share.entries.remove(path);
            bytes -= weight(path);
        }
    }

    /** Whether this lease has had an entry at {@code path}. */
    boolean has(Share share, String path) {
        lock.lock();
        try {
            return share.entries.containsKey(path);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the node at {@code path} that this transaction created is an entry of this lease. */
    boolean owns(Share share, String path, long czxid) {
        lock.lock();
        try {
            Long known = share.entries.get(path);
            return known != null && known == czxid;
        } finally {
            lock.unlock();
        }
    }

    /** The node at {@code path} was deleted in the transaction {@code zxid}. */
    void deleted(String path, long zxid) {
        lock.lock();
        try {
            Share share = owners.get(path);
            if (share != null && share.entries.getOrDefault(path, zxid) < zxid) {
                remove(path);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The node at {@code path} that this transaction created is gone. */
    void gone(String path, long czxid) {
        deleted(path, czxid + 1);
    }

    /** No further write of this lease leaves; {@code still} runs once the last has arrived: at once, or later. */
    void end(Share share, Runnable still) {
        lock.lock();
        try {
            share.ended = true;
            if (share.underWay > 0) {
                share.still = still;
                return;
            }
        } finally {
            lock.unlock();
        }
        still.run();
    }

    /** The entries of a lease: by path, the transaction that created the node. */
    Map<String, Long> of(Share share) {
        lock.lock();
        try {
            return Map.copyOf(share.entries);
        } finally {
            lock.unlock();
        }
    }

    /** Where a node may have been created for a lease, though nobody knows. */
    List<String> doubtsOf(Share share) {
        lock.lock();
        try {
            return doubts.entrySet().stream()
                    .filter(doubt -> doubt.getValue() == share)
                    .map(Map.Entry::getKey)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is known which lease the node at {@code path} belongs to that this transaction created. */
    boolean isKnown(String path, long czxid) {
        lock.lock();
        try {
            Share share = owners.get(path);
            return share != null && share.entries.getOrDefault(path, 0L) == czxid;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is left of a lease. */
    void removeAll(Share share) {
        lock.lock();
        try {
            List.copyOf(share.entries.keySet()).forEach(this::remove);
            doubts.entrySet().removeIf(doubt -> {
                boolean its = doubt.getValue() == share;
                bytes -= its ? weight(doubt.getKey()) : 0;
                return its;
            });
        } finally {
            lock.unlock();
        }
    }

    /** The entries of all leases. */
    Map<String, Long> all() {
        lock.lock();
        try {
            Map<String, Long> all = new HashMap<>();
            owners.forEach((path, share) -> all.put(path, share.entries.getOrDefault(path, 0L)));
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** How much the paths take. */
    int bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
