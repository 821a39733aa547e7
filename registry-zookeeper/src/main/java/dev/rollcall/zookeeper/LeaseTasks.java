package dev.rollcall.zookeeper;

import dev.rollcall.zookeeper.SessionRunner.SessionTask;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** The tasks that wait for the connection of a session that leases share. */
final class LeaseTasks {
    /* Concurrency: lock guards the fields below it; tasks are called without it. */
    private final ReentrantLock lock = new ReentrantLock();
    private List<Waiting> waiting = new ArrayList<>();
    private boolean closed;

    private record Waiting(
            SessionTask sessionTask, @Nullable ZooKeeperLease lease) {}

    /** Lets a task wait that needs this lease, or any if it is null; returns false if there will be no connection. */
    boolean add(SessionTask sessionTask, @Nullable ZooKeeperLease lease) {
        lock.lock();
        try {
            return !closed && waiting.add(new Waiting(sessionTask, lease));
        } finally {
            lock.unlock();
        }
    }

    /** Runs what waits. */
    void run(BiConsumer<SessionTask, @Nullable ZooKeeperLease> runner) {
        take(null, false).forEach(one -> runner.accept(one.sessionTask, one.lease));
    }

    /** Refuses what needs a lease that has ended. */
    void refuse(ZooKeeperLease lease) {
        take(lease, false).forEach(one -> one.sessionTask.refuse(Code.SESSIONEXPIRED));
    }

    /** Refuses everything, from now on. */
    void close() {
        take(null, true).forEach(one -> one.sessionTask.refuse(Code.SESSIONEXPIRED));
    }

    private List<Waiting> take(@Nullable ZooKeeperLease lease, boolean last) {
        List<Waiting> taken = new ArrayList<>();
        List<Waiting> left = new ArrayList<>();
        lock.lock();
        try {
            closed |= last;
            waiting.forEach(one -> (lease == null || one.lease == lease ? taken : left).add(one));
            waiting = left;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Tells all why they wait still. */
    void delayed(String sentence) {
        List<Waiting> all;
        lock.lock();
        try {
            waiting.removeIf(one -> one.sessionTask.isOver());
            all = List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
        all.forEach(one -> one.sessionTask.delayed(sentence));
    }
}
