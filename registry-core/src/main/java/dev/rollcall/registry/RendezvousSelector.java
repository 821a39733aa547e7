package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rendezvous hashing: each pair of key and node has a weight, and the node with the greatest wins. What other nodes there are does not enter into a
 * pair's weight, so that nothing moves but what has to.
 *
 * <p>A text is hashed by FNV-1a of 64 bits over its UTF-16 units; what comes out is mixed by the finalizer of SplitMix64 (Stafford's variant 13),
 * in which each bit of the input changes each bit of the output with a probability within a percent of one half. The numbers are part of what is
 * promised: processes of different versions agree.
 */
final class RendezvousSelector<T> implements Selector<T> {
    private static final long FNV_START = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    @Override
    public Optional<Node<T>> select(List<Node<T>> candidates, String key) {
        long keyHash = mix(hash(requireNonNull(key, "key")));
        Node<T> best = null;
        long bestWeight = 0;
        for (Node<T> candidate : candidates) {
            long weight = mix(hash(candidate.nodeId()) ^ keyHash);
            if (isBetter(best, bestWeight, weight)) {
                best = candidate;
                bestWeight = weight;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Of equals the first by id stays. */
    private static boolean isBetter(@Nullable Node<?> best, long bestWeight, long weight) {
        return best == null || Long.compareUnsigned(weight, bestWeight) > 0;
    }

    static long hash(String text) {
        long hash = FNV_START;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            hash = (hash ^ (unit & 0xff)) * FNV_PRIME;
            hash = (hash ^ (unit >>> 8)) * FNV_PRIME;
        }
        return hash;
    }

    static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
