package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the state of the store, to notice at the start of a connection that it has gone back in time or is another one: restored from a copy, or wiped.
 * The last transaction alone does not show it, since a restored ensemble elects a new leader, which counts from a higher number. So nodes that were written
 * are read as well: in the same store none of them gets an older transaction, as long as it exists.
 */
final class ZooKeeperRewindDetector {
    /* Concurrency: lock guards every field below it; the session and whoever is told are called without it. */
    private final Layout layout;
    private final RevisionWatermark watermark;
    private final Consumer<String> rewound;
    private final ReentrantLock lock = new ReentrantLock();
    private long seen;
    private @Nullable Mark entry;
    private @Nullable Mark generation;

    /** A node that was written in the transaction {@code zxid}, or later by somebody else. */
    private record Mark(String path, long zxid) {}

    /** @param rewound is told how the store contradicts what is remembered, in a clause */
    ZooKeeperRewindDetector(Layout layout, RevisionWatermark watermark, Consumer<String> rewound) {
        this.layout = layout;
        this.watermark = watermark;
        this.rewound = rewound;
    }

    /** A server has told of this transaction. */
    void saw(long zxid) {
        lock.lock();
        try {
            seen = Math.max(seen, zxid);
        } finally {
            lock.unlock();
        }
    }

    /** The latest transaction that is known. */
    long seen() {
        lock.lock();
        try {
            return Math.max(seen, watermark.revision());
        } finally {
            lock.unlock();
        }
    }

    /** These were applied in the transaction {@code zxid}. */
    void wrote(List<Op> ops, long zxid) {
        lock.lock();
        try {
            for (Op op : ops) {
                if (op.getType() == OpCode.check || op.getType() == OpCode.delete) {
                    continue;
                }
                Mark mark = new Mark(op.getPath(), zxid);
                if (layout.isStripe(op.getPath())) {
                    generation = later(generation, mark);
                } else {
                    entry = later(entry, mark);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private static Mark later(@Nullable Mark before, Mark now) {
        return before == null || now.zxid >= before.zxid ? now : before;
    }

    /** Forgets everything, for the store that there is now. */
    void forget() {
        lock.lock();
        try {
            seen = 0;
            entry = null;
            generation = null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks whether the store is the one that is remembered. Requests that are sent afterwards are answered afterwards. If the connection breaks
     * first, the next one is asked.
     */
    void examine(Session session) {
        long before = seen();
        if (before == 0) {
            return;
        }
        List<Mark> marks = marks();
        List<Op> reads = marks.stream().map(mark -> Op.getData(mark.path)).toList();
        Examination examination = new Examination(before, marks);
        // Behind a barrier, since a server may lag behind what another session of this handle was told.
        session.barrier(examination::agreed);
        if (!marks.isEmpty()) {
            session.read(reads, examination::read);
        }
    }

    private List<Mark> marks() {
        lock.lock();
        try {
            List<Mark> marks = new ArrayList<>();
            if (entry != null) {
                marks.add(entry);
            }
            if (generation != null) {
                marks.add(generation);
            }
            return marks;
        } finally {
            lock.unlock();
        }
    }

    /** One look. Confined to the session's event thread. */
    private final class Examination {
        private final long before;
        private final List<Mark> marks;
        private boolean fresh;

        Examination(long before, List<Mark> marks) {
            this.before = before;
            this.marks = marks;
        }

        void agreed(Reply reply) {
            if (!reply.isOk()) {
                return;
            }
            fresh = reply.zxid() >= before;
            if (!fresh) {
                rewound.accept("its last transaction was 0x" + Long.toHexString(before) + " and is 0x"
                        + Long.toHexString(reply.zxid()));
            }
        }

        void read(Reply reply) {
            if (!fresh || !reply.isOk()) {
                return;
            }
            for (int i = 0; i < marks.size(); i++) {
                Mark mark = marks.get(i);
                Znode node = Znode.of(reply.results().get(i));
                if (node.stat() != null && node.stat().getMzxid() < mark.zxid) {
                    rewound.accept("what was written to '" + mark.path + "' in the transaction 0x"
                            + Long.toHexString(mark.zxid) + " is not there");
                    return;
                }
            }
        }
    }
}
