package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * The one watch that a session has on the root, and whether its events tell everything by now. It is set when somebody first asks for events, and again by
 * ZooKeeper's client on each connection. From the reply to a read that is sent after it on, events tell all that changes, until the connection is lost.
 */
final class RootWatch {
    /** Gets the events. */
    interface Feed {
        /**
         * Events tell all that changes after {@code zxid}. Called with the lock held; what is returned is run without it.
         *
         * @param attempt what happens for it has no effect any more once {@link #isPast}
         */
        Runnable begun(Session session, long attempt, long zxid);

        /** They will not, on this connection, for this reason. Called without the lock. */
        void broken(Code code, @Nullable String node);
    }

    /*
     * Concurrency: the feed's lock guards every field below it; sessions and those who wait are called without it. Answers come on the session's event thread.
     */
    private final String root;
    private final Feed feed;
    private final ReentrantLock lock;
    /** Who waits for events to tell everything. */
    private List<Consumer<Code>> followers = new ArrayList<>();

    private @Nullable Session session;
    /** Whether anybody has asked for events yet; who only reads and writes single entries is spared them. */
    private boolean wanted;

    private boolean following;
    /** Counts connections, and whatever else makes what was begun before void. */
    private long attempt;

    private boolean closed;

    /** @param lock that of the feed, under which it may also use this */
    RootWatch(String root, ReentrantLock lock, Feed feed) {
        this.root = root;
        this.lock = lock;
        this.feed = feed;
    }

    /** A connection begins: the client has renewed the session's watch, if it had one, before anything else is sent. */
    void connected(Session which) {
        boolean renewed;
        boolean needed;
        long current;
        lock.lock();
        try {
            renewed = session == which && which.isWatching();
            session = which;
            following = false;
            current = ++attempt;
            needed = wanted;
        } finally {
            lock.unlock();
        }
        if (renewed) {
            begin(which, current);
        } else if (needed) {
            observe(which, current);
        }
    }

    private void observe(Session which, long current) {
        which.watchBelow(root, code -> {
            if (code == Code.OK) {
                begin(which, current);
            } else {
                refused(code);
            }
        });
    }

    /** From this reply on, events tell everything. */
    private void begin(Session which, long current) {
        which.read(List.of(Op.getData(root)), reply -> {
            if (reply.isOk()) {
                begun(which, current, reply.zxid());
            } else {
                refused(reply.code());
            }
        });
    }

    private void begun(Session which, long current, long zxid) {
        Runnable next;
        List<Consumer<Code>> ready;
        lock.lock();
        try {
            if (isPast(current)) {
                return;
            }
            following = true;
            next = feed.begun(which, current, zxid);
            ready = takeFollowers();
        } finally {
            lock.unlock();
        }
        next.run();
        ready.forEach(follower -> follower.accept(Code.OK));
    }

    private void refused(Code code) {
        List<Consumer<Code>> refused;
        lock.lock();
        try {
            refused = takeFollowers();
        } finally {
            lock.unlock();
        }
        refused.forEach(follower -> follower.accept(code));
        feed.broken(code, null);
    }

    /** Called with the lock held. */
    private List<Consumer<Code>> takeFollowers() {
        List<Consumer<Code>> taken = followers;
        followers = new ArrayList<>();
        return taken;
    }

    /** The connection is lost. Called with the lock held; returns those who waited for events, to be told so without it. */
    List<Consumer<Code>> suspended() {
        attempt++;
        following = false;
        return takeFollowers();
    }

    /** Calls back on the event thread once events of this session tell all that changes, or when that is not to be. */
    void follow(Session which, Consumer<Code> ready) {
        boolean first = false;
        long current;
        Code code = null;
        lock.lock();
        try {
            current = attempt;
            if (which != session && session != null) {
                code = Code.CONNECTIONLOSS;
            } else if (following) {
                code = Code.OK;
            } else {
                followers.add(ready);
                first = !wanted && which == session;
                wanted = true;
            }
        } finally {
            lock.unlock();
        }
        if (code != null) {
            ready.accept(code);
        } else if (first) {
            observe(which, current);
        }
    }

    /** Whether it is the watch of this session. Called with the lock held. */
    boolean isOf(Session which) {
        return which == session;
    }

    /** The session that is watched, or was last; null before the first. Called with the lock held. */
    @Nullable
    Session session() {
        return session;
    }

    /** Whether events tell everything now. Called with the lock held. */
    boolean isFollowing() {
        return following && !closed;
    }

    /** Makes void what was begun before, and returns the attempt that begins. Called with the lock held. */
    long beginAnew() {
        return ++attempt;
    }

    /** Whether what this attempt has begun is void. Called with the lock held. */
    boolean isPast(long current) {
        return closed || current != attempt;
    }

    /** Nothing is begun any more, and nobody is told. Called with the lock held. */
    void close() {
        closed = true;
        followers = new ArrayList<>();
    }

    /** Called with the lock held. */
    boolean isClosed() {
        return closed;
    }
}
