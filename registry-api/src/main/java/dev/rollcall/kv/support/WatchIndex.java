package dev.rollcall.kv.support;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a store or handle by the directory they watch. A write costs one step for each segment of its key that leads towards a
 * watch, plus one for each watch that covers it; watches elsewhere cost nothing.
 *
 * <p>Safe for use by several threads. Observers are told in the order of the calls to {@link #publish}.
 */
public final class WatchIndex {
    /** What is told about the changes below its directory; usually a {@link WatchDelivery}. */
    public interface Observer {
        /** The directory that is watched; constant. */
        Directory directory();

        /**
         * Takes note of a transaction, under the index's lock: must be quick, and must not call the index.
         *
         * @param changes all of the transaction's changes below the directory, in {@link Change}'s order by key
         * @param revision the transaction's revision
         */
        void changes(List<Change> changes, long revision);
    }

    /*
     * Concurrency: the nodes are guarded by lock. It is held while observers are told, so that no two publications
     * overtake each other; WatchDelivery takes its own lock below this one.
     */
    private final ReentrantLock lock = new ReentrantLock();
    private final Node root = new Node(null, "");

    /** A directory that is watched, or that leads to one. */
    private static final class Node {
        final @Nullable Node parent;
        final String segment;
        final Map<String, Node> children = new HashMap<>(4);
        final Set<Observer> observers = new LinkedHashSet<>(4);

        Node(@Nullable Node parent, String segment) {
            this.parent = parent;
            this.segment = segment;
        }

        boolean isUseless() {
            return observers.isEmpty() && children.isEmpty();
        }
    }

    /** Tells {@code observer} what is published from now on. Has no effect if it is present. */
    public void add(Observer observer) {
        lock.lock();
        try {
            Node node = root;
            for (String segment : segments(observer.directory())) {
                Node parent = node;
                node = parent.children.computeIfAbsent(segment, name -> new Node(parent, name));
            }
            node.observers.add(observer);
        } finally {
            lock.unlock();
        }
    }

    /** Tells {@code observer} nothing more. Has no effect if it is absent. */
    public void remove(Observer observer) {
        lock.lock();
        try {
            Node node = root;
            for (String segment : segments(observer.directory())) {
                node = node.children.get(segment);
                if (node == null) {
                    return;
                }
            }
            node.observers.remove(observer);
            prune(node);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells every observer whose directory covers one of {@code changes} about all that it covers, in one call.
     *
     * @param changes the changes of one transaction, each key once, in order of key
     * @return the number of observers told
     */
    public int publish(List<Change> changes, long revision) {
        lock.lock();
        try {
            if (root.isUseless()) {
                return 0;
            }
            if (changes.size() == 1) {
                return publishOne(changes, revision);
            }
            Map<Node, List<Change>> concerned = new LinkedHashMap<>();
            for (Change change : changes) {
                Cursor cursor = new Cursor(root, change.key());
                for (Node node = cursor.next(); node != null; node = cursor.next()) {
                    concerned.computeIfAbsent(node, any -> new ArrayList<>()).add(change);
                }
            }
            int told = 0;
            for (Map.Entry<Node, List<Change>> entry : concerned.entrySet()) {
                told += tell(entry.getKey(), List.copyOf(entry.getValue()), revision);
            }
            return told;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@code test} holds for one of the observers whose directories cover {@code key}; it is asked under the index's lock, and must be quick. */
    public boolean anyMatch(Key key, Predicate<Observer> test) {
        lock.lock();
        try {
            Cursor cursor = new Cursor(root, key);
            for (Node node = cursor.next(); node != null; node = cursor.next()) {
                if (node.observers.stream().anyMatch(test)) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody is to be told anything. */
    public boolean isEmpty() {
        lock.lock();
        try {
            return root.isUseless();
        } finally {
            lock.unlock();
        }
    }

    private int publishOne(List<Change> changes, long revision) {
        Cursor cursor = new Cursor(root, changes.get(0).key());
        int told = 0;
        for (Node node = cursor.next(); node != null; node = cursor.next()) {
            told += tell(node, changes, revision);
        }
        return told;
    }

    private static int tell(Node node, List<Change> changes, long revision) {
        for (Observer observer : node.observers) {
            observer.changes(changes, revision);
        }
        return node.observers.size();
    }

    private static List<String> segments(Directory directory) {
        return directory.isRoot()
                ? List.of()
                : List.of(directory.path().substring(1).split("/"));
    }

    private static void prune(Node from) {
        Node node = from;
        while (node.parent != null && node.isUseless()) {
            node.parent.children.remove(node.segment);
            node = node.parent;
        }
    }

    /** Walks the nodes that cover a key, from the root down, as far as there are any. */
    private static final class Cursor {
        private final String path;
        private @Nullable Node node;
        private int from = 1;

        Cursor(Node root, Key key) {
            this.path = key.path();
            this.node = root;
        }

        @Nullable
        Node next() {
            Node current = node;
            if (current != null) {
                int slash = path.indexOf('/', from);
                // The last segment is not a directory of the key: a directory covers only what is strictly below it.
                node = slash < 0 || current.children.isEmpty()
                        ? null
                        : current.children.get(path.substring(from, slash));
                from = slash + 1;
            }
            return current;
        }
    }
}
