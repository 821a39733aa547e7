package dev.rollcall.inmemory;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from text to values, in order of the text: a B+-tree of wide nodes, of which a change copies those on the way to one
 * leaf. Finding, adding and removing cost O(log n); visiting a range costs O(log n + entries visited).
 *
 * @param <V> the values
 */
final class PersistentTree<V> {
    /*
     * All leaves are equally deep. Nodes hold 1 to WIDTH elements, and any two neighbours below one parent hold more than
     * WIDTH / 2 together, so nodes are a quarter full at worst: enough for O(log n), and it allows the cheap cases below.
     * Keys that come in ascending order fill each leaf before the next is begun, instead of leaving all half full.
     */
    static final int WIDTH = 32;

    private static final PersistentTree<?> EMPTY =
            new PersistentTree<>(new Node(new String[0], new Object[0], true), 0);

    private final Node root;
    private final int size;

    private PersistentTree(Node root, int size) {
        this.root = root;
        this.size = size;
    }

    @SuppressWarnings("unchecked")
    static <V> PersistentTree<V> empty() {
        return (PersistentTree<V>) EMPTY;
    }

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked")
    @Nullable
    V get(String key) {
        Node node = root;
        while (!node.leaf) {
            node = node.child(node.childFor(key));
        }
        int i = search(node.keys, key);
        return i < 0 ? null : (V) node.items[i];
    }

    /** This map with {@code key} holding {@code value}. */
    PersistentTree<V> put(String key, V value) {
        boolean[] added = new boolean[1];
        Node changed = put(root, key, value, true, added);
        if (changed.size() > WIDTH) {
            int at = changed.splitPoint(key, true);
            Node left = changed.slice(0, at);
            Node right = changed.slice(at, changed.size());
            changed = new Node(new String[] {left.keys[0], right.keys[0]}, new Object[] {left, right}, false);
        }
        return new PersistentTree<>(changed, added[0] ? size + 1 : size);
    }

    /** This map without {@code key}; this very map if it has none. */
    PersistentTree<V> remove(String key) {
        Node changed = remove(root, key);
        if (changed == root) {
            return this;
        }
        while (!changed.leaf && changed.size() == 1) {
            changed = changed.child(0);
        }
        return changed.size() == 0 ? empty() : new PersistentTree<>(changed, size - 1);
    }

    /** Visits the values from key {@code from}, inclusive, to key {@code to}, exclusive, in order. */
    @SuppressWarnings("unchecked")
    void forEach(String from, String to, Consumer<? super V> visitor) {
        visit(root, from, to, (Consumer<Object>) visitor);
    }

    /** The result may hold one element too many; the caller splits it. */
    private static Node put(Node node, String key, Object value, boolean rightmost, boolean[] added) {
        if (node.leaf) {
            int i = search(node.keys, key);
            added[0] = i < 0;
            return i < 0 ? node.inserted(-i - 1, key, value) : node.replaced(i, key, value);
        }
        int i = node.childFor(key);
        boolean last = rightmost && i == node.size() - 1;
        Node child = put(node.child(i), key, value, last, added);
        if (child.size() <= WIDTH) {
            return node.replaced(i, child.keys[0], child);
        }
        int at = child.splitPoint(key, last);
        Node left = child.slice(0, at);
        Node right = child.slice(at, child.size());
        return node.replaced(i, left.keys[0], left).inserted(i + 1, right.keys[0], right);
    }

    /** The same node if it does not hold {@code key}; the result may be empty, then the caller drops it. */
    private static Node remove(Node node, String key) {
        if (node.leaf) {
            int i = search(node.keys, key);
            return i < 0 ? node : node.without(i);
        }
        int i = node.childFor(key);
        Node child = remove(node.child(i), key);
        if (child == node.child(i)) {
            return node;
        }
        if (child.size() == 0) {
            return node.without(i);
        }
        if (i > 0 && node.child(i - 1).size() + child.size() <= WIDTH / 2) {
            Node merged = node.child(i - 1).joined(child);
            return node.without(i).replaced(i - 1, merged.keys[0], merged);
        }
        if (i + 1 < node.size() && node.child(i + 1).size() + child.size() <= WIDTH / 2) {
            Node merged = child.joined(node.child(i + 1));
            return node.without(i + 1).replaced(i, merged.keys[0], merged);
        }
        return node.replaced(i, child.keys[0], child);
    }

    /** As {@link Arrays#binarySearch(Object[], Object)}, but always comparing strings, which the compiler then knows how to do. */
    private static int search(String[] keys, String key) {
        int low = 0;
        int high = keys.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = keys[middle].compareTo(key);
            if (order == 0) {
                return middle;
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    private static void visit(Node node, String from, String to, Consumer<Object> visitor) {
        int first = node.leaf ? search(node.keys, from) : node.childFor(from);
        for (int i = first < 0 ? -first - 1 : first; i < node.size() && node.keys[i].compareTo(to) < 0; i++) {
            if (node.leaf) {
                visitor.accept(node.items[i]);
            } else {
                visit(node.child(i), from, to, visitor);
            }
        }
    }

    /** Fails if the structure is not what the comment above promises; for tests. */
    void check() {
        int counted = check(root, 0, depth());
        if (counted != size) {
            throw new AssertionError("size is " + size + " but there are " + counted + " entries");
        }
    }

    int depth() {
        int depth = 0;
        for (Node node = root; !node.leaf; node = node.child(0)) {
            depth++;
        }
        return depth;
    }

    private static int check(Node node, int level, int depth) {
        if (node.leaf != (level == depth) || node.size() > WIDTH || (level > 0 && node.size() == 0)) {
            throw new AssertionError("a node of " + node.size() + " at level " + level + " of " + depth);
        }
        int count = 0;
        for (int i = 0; i < node.size(); i++) {
            if (i > 0 && node.keys[i - 1].compareTo(node.keys[i]) >= 0) {
                throw new AssertionError(node.keys[i - 1] + " is before " + node.keys[i]);
            }
            if (!node.leaf) {
                Node child = node.child(i);
                if (!child.keys[0].equals(node.keys[i])
                        || (i > 0 && node.child(i - 1).size() + child.size() <= WIDTH / 2)) {
                    throw new AssertionError("a child of " + child.size() + " that starts at " + child.keys[0]);
                }
                count += check(child, level + 1, depth);
            }
        }
        return node.leaf ? node.size() : count;
    }

    /** A leaf with its keys and values, or an inner node with the first key below each child. Never changed after construction. */
    private static final class Node {
        final String[] keys;
        final Object[] items;
        final boolean leaf;

        Node(String[] keys, Object[] items, boolean leaf) {
            this.keys = keys;
            this.items = items;
            this.leaf = leaf;
        }

        int size() {
            return keys.length;
        }

        Node child(int i) {
            return (Node) items[i];
        }

        /** The child that holds {@code key} or would; the first one also if the key is before all. */
        int childFor(String key) {
            int i = search(keys, key);
            return i >= 0 ? i : Math.max(0, -i - 2);
        }

        /** Where to split after {@code key} made this too large: before the last element if that is where keys are being appended. */
        int splitPoint(String key, boolean rightmost) {
            boolean appended = rightmost && keys[size() - 1].compareTo(key) <= 0;
            return appended ? size() - 1 : size() / 2;
        }

        Node replaced(int i, String key, Object item) {
            String[] newKeys = keys;
            if (!keys[i].equals(key)) {
                newKeys = keys.clone();
                newKeys[i] = key;
            }
            Object[] newItems = items.clone();
            newItems[i] = item;
            return new Node(newKeys, newItems, leaf);
        }

        Node inserted(int i, String key, Object item) {
            String[] newKeys = Arrays.copyOf(keys, size() + 1);
            Object[] newItems = Arrays.copyOf(items, size() + 1);
            System.arraycopy(keys, i, newKeys, i + 1, size() - i);
            System.arraycopy(items, i, newItems, i + 1, size() - i);
            newKeys[i] = key;
            newItems[i] = item;
            return new Node(newKeys, newItems, leaf);
        }

        Node without(int i) {
            String[] newKeys = Arrays.copyOf(keys, size() - 1);
            Object[] newItems = Arrays.copyOf(items, size() - 1);
            System.arraycopy(keys, i + 1, newKeys, i, size() - 1 - i);
            System.arraycopy(items, i + 1, newItems, i, size() - 1 - i);
            return new Node(newKeys, newItems, leaf);
        }

        Node slice(int from, int to) {
            return new Node(Arrays.copyOfRange(keys, from, to), Arrays.copyOfRange(items, from, to), leaf);
        }

        Node joined(Node right) {
            String[] newKeys = Arrays.copyOf(keys, size() + right.size());
            Object[] newItems = Arrays.copyOf(items, size() + right.size());
            System.arraycopy(right.keys, 0, newKeys, size(), right.size());
            System.arraycopy(right.items, 0, newItems, size(), right.size());
            return new Node(newKeys, newItems, leaf);
        }
    }
}
