package dev.rollcall.zookeeper;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** The watches of a handle that are about to begin: each needs a list of its directory first, and only so many are made at a time. */
final class WatchStarts {
    /** Enough to keep a server busy, few enough that thousands of watches which start at once do not hold all lists' memory. */
    private static final int MOST_UNDER_WAY = 16;

    /* Concurrency: lock guards the fields below it; lists are begun without it. */
    private final ZooKeeperContext store;
    private final BiConsumer<FeedWatch, Tree> begin;
    private final LongSupplier lastTold;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<FeedWatch> waiting = new ArrayDeque<>();
    private int underWay;

    /**
     * None yet.
     *
     * @param begin takes a watch and the state that it begins with
     * @param lastTold the moment that a watch must not begin before
     */
    WatchStarts(ZooKeeperContext store, BiConsumer<FeedWatch, Tree> begin, LongSupplier lastTold) {
        this.store = store;
        this.begin = begin;
        this.lastTold = lastTold;
    }

    void add(FeedWatch watch) {
        lock.lock();
        try {
            waiting.add(watch);
        } finally {
            lock.unlock();
        }
        startNext();
    }

    /** It has ended before it could begin. */
    void remove(FeedWatch watch) {
        lock.lock();
        try {
            waiting.remove(watch);
        } finally {
            lock.unlock();
        }
    }

    private void startNext() {
        FeedWatch next;
        lock.lock();
        try {
            next = underWay < MOST_UNDER_WAY ? waiting.poll() : null;
            if (next == null) {
                return;
            }
            underWay++;
        } finally {
            lock.unlock();
        }
        new ConsistentListing(store, next.directory(), true, next.delivery()::isEnded, new ConsistentListing.Outcome() {
                    @Override
                    public void listed(Tree tree) {
                        begin.accept(next, tree);
                        started();
                    }

                    @Override
                    public void exhausted(OutOfMemoryError cause) {
                        try {
                            next.end(ZooKeeperErrors.exhausted(next.context(), cause));
                        } finally {
                            started();
                        }
                    }

                    @Override
                    public void failed(Code code, @Nullable String node) {
                        if (!next.delivery().isEnded()) {
                            next.end(ZooKeeperErrors.refused(next.context(), code, node));
                        }
                        started();
                    }
                })
                .withAbove()
                .notBefore(lastTold)
                .start();
    }

    private void started() {
        lock.lock();
        try {
            underWay--;
        } finally {
            lock.unlock();
        }
        startNext();
    }
}
