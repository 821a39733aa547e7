package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.zookeeper.KeeperException.Code;

/** Finds the entries of a session's leases that others have deleted, and removes them from the books, so that there is room for others. One read at a time. */
final class LeaseSweep implements SessionRunner.SessionTask {
    /* Concurrency: lock guards the field below it. */
    private final LeaseEntries entries;
    private final ReentrantLock lock = new ReentrantLock();
    private List<Runnable> waiting = new ArrayList<>();

    LeaseSweep(LeaseEntries entries) {
        this.entries = entries;
    }

    /** Has {@code next} run after a look; returns whether it has to be begun. */
    boolean add(Runnable next) {
        lock.lock();
        try {
            waiting.add(next);
            return waiting.size() == 1;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public void run(Session session) {
        for (Map.Entry<String, Long> entry : entries.all().entrySet()) {
            String path = entry.getKey();
            long created = entry.getValue();
            session.look(path, (code, stat) -> {
                if (code == Code.NONODE || (stat != null && stat.getCzxid() != created)) {
                    entries.gone(path, created);
                }
            });
        }
        session.barrier(reply -> done());
    }

    @Override
    public void delayed(String reason) {
        // Those who wait have their own deadlines.
    }

    @Override
    public void refuse(Code cause) {
        done();
    }

    private void done() {
        List<Runnable> next;
        lock.lock();
        try {
            next = waiting;
            waiting = new ArrayList<>();
        } finally {
            lock.unlock();
        }
        next.forEach(Runnable::run);
    }
}
