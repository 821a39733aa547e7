package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * The checks that tie a transaction to the state that was read before it.
 *
 * <p>ZooKeeper compares a node's version only, and that begins at 0 again when a node is deleted and created anew. So each creation bumps
 * a generation node, and a transaction requires the generation it has read: then no node of the stripe was created since, and equal
 * versions mean equal states. Deletions need not be counted, which is as well, since the server deletes ephemerals by itself.
 */
final class Guards {
    /** The version that ZooKeeper takes for "any"; it is also that of a node which was written 4,294,967,295 times. */
    static final int ANY = -1;

    private final Layout layout;
    private final Znodes nodes;
    /** By stripe: whether its generation is required, and whether it is bumped. Sorted, so that equal plans make equal requests. */
    private final Map<String, boolean[]> stripes = new TreeMap<>();

    private final Set<String> departures = new TreeSet<>();
    private final List<Op> versions = new ArrayList<>();

    Guards(Layout layout, Znodes nodes) {
        this.layout = layout;
        this.nodes = nodes;
    }

    /** Requires that no node was created at this path since it was read. */
    void requireNoCreation(String path) {
        stripe(path)[0] = true;
    }

    /** Requires that the node is exactly as it was read; returns false if ZooKeeper has no means to say so. */
    boolean requireSame(String path) {
        int version = nodes.at(path).version();
        requireNoCreation(path);
        if (version == ANY) {
            return false;
        }
        versions.add(Op.check(path, version));
        return true;
    }

    /** Makes the creation of this path known to everybody who required that there is none. */
    void announceCreation(String path) {
        stripe(path)[1] = true;
    }

    /** Makes known to the lease that the entry at this path may have that it is deleted by somebody else; see decision 0086. */
    void announceDeparture(String path) {
        departures.add(layout.departuresOf(path));
    }

    /** Counts a departure. */
    static Op bump(String departures) {
        return Op.setData(departures, Znode.NO_VALUE, ANY);
    }

    /** Requires that a counter is at this version. */
    static List<Op> requireCount(String counter, int version) {
        return version == ANY
                ? List.of(Op.setData(counter, Znode.NO_VALUE, ANY), Op.check(counter, ANY + 1))
                : List.of(Op.check(counter, version));
    }

    private boolean[] stripe(String path) {
        return stripes.computeIfAbsent(layout.stripeOf(path), any -> new boolean[2]);
    }

    /** The operations, to come first in the transaction. */
    List<Op> ops() {
        List<Op> ops = new ArrayList<>();
        stripes.forEach((stripe, wants) -> {
            int generation = nodes.at(stripe).version();
            boolean required = wants[0];
            if (required && !wants[1] && generation != ANY) {
                ops.add(Op.check(stripe, generation));
            } else {
                // Bumped without need at the one version that cannot be checked: that costs others a second look, no
                // more.
                ops.add(Op.setData(stripe, Znode.NO_VALUE, required ? generation : ANY));
                if (required && generation == ANY) {
                    ops.add(Op.check(stripe, ANY + 1));
                }
            }
        });
        departures.forEach(counter -> ops.add(bump(counter)));
        ops.addAll(versions);
        return ops;
    }

    /** Writes to a node that is required to be at this version. */
    static List<Op> setData(String path, byte @Nullable [] data, int version) {
        return version == ANY
                ? List.of(Op.setData(path, data, ANY), Op.check(path, ANY + 1))
                : List.of(Op.setData(path, data, version));
    }

    /** Deletes a node that is required to be at this version. */
    static List<Op> delete(String path, int version) {
        return version == ANY
                ? List.of(
                        // Twice, since an event of one write and a deletion in one transaction is that of a pruned
                        // directory.
                        Op.setData(path, Znode.NO_VALUE, ANY),
                        Op.setData(path, Znode.NO_VALUE, ANY + 1),
                        Op.delete(path, ANY + 2))
                : List.of(Op.delete(path, version));
    }
}
