package dev.rollcall.registry;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map with string keys: a hash array mapped trie, 32 ways wide. A changed copy shares all but one path with the original, so it
 * costs O(log n), and so does finding what differs between two copies, for each difference. Look-up allocates nothing.
 */
final class PersistentMap<V> {
    private static final PersistentMap<?> EMPTY = new PersistentMap<>(null, 0);
    private static final int BITS = 5;

    /** A {@link Leaf} or a {@link Branch}, or null if there is nothing. */
    private final @Nullable Object top;

    private final int size;

    private PersistentMap(@Nullable Object top, int size) {
        this.top = top;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // An empty map holds no value of any type.
    static <V> PersistentMap<V> empty() {
        return (PersistentMap<V>) EMPTY;
    }

    /** One key; or, as a chain, the keys whose hashes are the same. */
    private static final class Leaf {
        final int hash;
        final String key;
        final Object value;
        final @Nullable Leaf next;

        Leaf(int hash, String key, Object value, @Nullable Leaf next) {
            this.hash = hash;
            this.key = key;
            this.value = value;
            this.next = next;
        }
    }

    /** The children whose bit is set, in order of their bits. */
    private static final class Branch {
        final int bitmap;
        final Object[] children;

        Branch(int bitmap, Object[] children) {
            this.bitmap = bitmap;
            this.children = children;
        }

        int index(int bit) {
            return Integer.bitCount(bitmap & (bit - 1));
        }
    }

    int size() {
        return size;
    }

    /**
     * A string's hash, with its bits mixed: node ids differ in a few digits, and {@code 31 = -1 (mod 32)}, so that the lowest five bits of
     * such strings take few values. The mixing is one to one.
     */
    static int hash(String key) {
        int hash = key.hashCode() * 0x9E3779B9;
        hash ^= hash >>> 16;
        hash *= 0x85EBCA6B;
        return hash ^ hash >>> 13;
    }

    @SuppressWarnings("unchecked") // Leaves of this map hold values of its type only.
    @Nullable
    V get(String key) {
        int hash = hash(key);
        Object node = top;
        for (int rest = hash; node instanceof Branch branch; rest >>>= BITS) {
            int bit = 1 << (rest & 31);
            if ((branch.bitmap & bit) == 0) {
                return null;
            }
            node = branch.children[branch.index(bit)];
        }
        for (Leaf leaf = (Leaf) node; leaf != null; leaf = leaf.next) {
            if (leaf.hash == hash && leaf.key.equals(key)) {
                return (V) leaf.value;
            }
        }
        return null;
    }

    PersistentMap<V> with(String key, V value) {
        Leaf leaf = new Leaf(hash(key), key, value, null);
        return new PersistentMap<>(top == null ? leaf : insert(top, leaf, 0), get(key) == null ? size + 1 : size);
    }

    PersistentMap<V> without(String key) {
        if (top == null || get(key) == null) {
            return this;
        }
        return new PersistentMap<>(remove(top, key, hash(key), 0), size - 1);
    }

    private static Object insert(Object node, Leaf leaf, int shift) {
        if (node instanceof Branch branch) {
            int bit = 1 << (leaf.hash >>> shift & 31);
            int index = branch.index(bit);
            Object[] children;
            if ((branch.bitmap & bit) != 0) {
                children = branch.children.clone();
                children[index] = insert(children[index], leaf, shift + BITS);
            } else {
                children = new Object[branch.children.length + 1];
                System.arraycopy(branch.children, 0, children, 0, index);
                children[index] = leaf;
                System.arraycopy(branch.children, index, children, index + 1, branch.children.length - index);
            }
            return new Branch(branch.bitmap | bit, children);
        }
        Leaf present = (Leaf) node;
        if (present.hash == leaf.hash) {
            return new Leaf(leaf.hash, leaf.key, leaf.value, unlink(present, leaf.key));
        }
        Branch branch = new Branch(1 << (present.hash >>> shift & 31), new Object[] {present});
        return insert(branch, leaf, shift);
    }

    private static @Nullable Leaf unlink(@Nullable Leaf chain, String key) {
        if (chain == null) {
            return null;
        }
        return chain.key.equals(key)
                ? chain.next
                : new Leaf(chain.hash, chain.key, chain.value, unlink(chain.next, key));
    }

    private static @Nullable Object remove(Object node, String key, int hash, int shift) {
        if (!(node instanceof Branch branch)) {
            return unlink((Leaf) node, key);
        }
        int bit = 1 << (hash >>> shift & 31);
        int index = branch.index(bit);
        Object child = remove(branch.children[index], key, hash, shift + BITS);
        if (child != null) {
            if (branch.children.length == 1 && child instanceof Leaf) {
                return child;
            }
            Object[] children = branch.children.clone();
            children[index] = child;
            return new Branch(branch.bitmap, children);
        }
        if (branch.children.length == 1) {
            return null;
        }
        if (branch.children.length == 2 && branch.children[1 - index] instanceof Leaf only) {
            return only;
        }
        Object[] children = Arrays.copyOf(branch.children, branch.children.length - 1);
        System.arraycopy(branch.children, index + 1, children, index, children.length - index);
        return new Branch(branch.bitmap & ~bit, children);
    }

    /** The values, in no particular order. */
    Iterator<V> values() {
        return new Values<>(top);
    }

    /** Tells all keys, in no particular order. */
    void keys(Consumer<String> consumer) {
        diff(this, PersistentMap.<V>empty(), (key, before, after) -> consumer.accept(key));
    }

    /** Receives one difference: the values before and after, null where the key is absent. */
    interface Difference<V> {
        void found(String key, @Nullable V before, @Nullable V after);
    }

    /** Tells the keys whose values are not the same object. What the two maps share is not looked at. */
    static <V> void diff(PersistentMap<V> before, PersistentMap<V> after, Difference<V> difference) {
        diff(before.top, after.top, 0, difference);
    }

    private static <V> void diff(@Nullable Object before, @Nullable Object after, int shift, Difference<V> difference) {
        if (before == after) {
            return;
        }
        if (!(before instanceof Branch) && !(after instanceof Branch)) {
            diffLeaves((Leaf) before, (Leaf) after, difference);
            return;
        }
        for (int bits = bitmap(before, shift) | bitmap(after, shift); bits != 0; bits &= bits - 1) {
            int bit = bits & -bits;
            diff(child(before, bit, shift), child(after, bit, shift), shift + BITS, difference);
        }
    }

    /** The children of a node, where a leaf counts as the branch that it would be the only child of. */
    private static int bitmap(@Nullable Object node, int shift) {
        if (node == null) {
            return 0;
        }
        return node instanceof Branch branch ? branch.bitmap : 1 << (((Leaf) node).hash >>> shift & 31);
    }

    private static @Nullable Object child(@Nullable Object node, int bit, int shift) {
        if ((bitmap(node, shift) & bit) == 0) {
            return null;
        }
        return node instanceof Branch branch ? branch.children[branch.index(bit)] : node;
    }

    @SuppressWarnings("unchecked") // Leaves of this map hold values of its type only.
    private static <V> void diffLeaves(@Nullable Leaf before, @Nullable Leaf after, Difference<V> difference) {
        for (Leaf leaf = before; leaf != null; leaf = leaf.next) {
            Leaf now = find(after, leaf.key);
            if (now == null || now.value != leaf.value) {
                difference.found(leaf.key, (V) leaf.value, now == null ? null : (V) now.value);
            }
        }
        for (Leaf leaf = after; leaf != null; leaf = leaf.next) {
            if (find(before, leaf.key) == null) {
                difference.found(leaf.key, null, (V) leaf.value);
            }
        }
    }

    private static @Nullable Leaf find(@Nullable Leaf chain, String key) {
        Leaf leaf = chain;
        while (leaf != null && !leaf.key.equals(key)) {
            leaf = leaf.next;
        }
        return leaf;
    }

    /** Walks the trie depth first. */
    private static final class Values<V> implements Iterator<V> {
        private final Deque<Object> ahead = new ArrayDeque<>();

        Values(@Nullable Object top) {
            if (top != null) {
                ahead.push(top);
            }
        }

        @Override
        public boolean hasNext() {
            return !ahead.isEmpty();
        }

        @Override
        @SuppressWarnings("unchecked") // Leaves of this map hold values of its type only.
        public V next() {
            while (ahead.peek() instanceof Branch) {
                for (Object child : ((Branch) ahead.pop()).children) {
                    ahead.push(child);
                }
            }
            if (ahead.isEmpty()) {
                throw new NoSuchElementException();
            }
            Leaf leaf = (Leaf) ahead.pop();
            if (leaf.next != null) {
                ahead.push(leaf.next);
            }
            return (V) leaf.value;
        }
    }
}
