package dev.rollcall.zookeeper;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.ACL;

/** Turns a transaction into one of ZooKeeper's, for the nodes as they were read. Without side effects; used once. */
final class CommitPlan {
    /** What is to be done. */
    sealed interface Decision {
        /** A condition does not hold; the key is at this revision, 0 if absent. */
        record Fails(Condition condition, long actual) implements Decision {}

        /** Nothing would change. */
        record Unchanged() implements Decision {}

        /** There are nodes below {@code path}, which is to get a lease. */
        record Occupied(String path) implements Decision {}

        /** The state cannot be required of ZooKeeper: a node is at the one version that it does not compare. */
        record Unguardable(String path) implements Decision {}

        /**
         * To be sent.
         *
         * @param ops first the guards, then the writes
         * @param parents the directories among the nodes that are created, from the top down
         * @param deleted the nodes that are deleted, and not only emptied
         */
        record Apply(List<Op> ops, List<String> parents, List<String> deleted) implements Decision {}
    }

    private final Txn txn;
    private final Layout layout;
    private final Function<String, List<ACL>> acls;
    private final Znodes nodes;
    private final BiPredicate<String, Znode> keeps;
    private final Guards guards;
    private final Map<String, Condition> tested = new LinkedHashMap<>();
    private final List<Op> deletes = new ArrayList<>();
    private final List<Op> updates = new ArrayList<>();
    /** By path, so that a node comes after the one above it. */
    private final Map<String, Op> creates = new TreeMap<>();

    private final Set<String> parents = new TreeSet<>();
    private final List<String> deleted = new ArrayList<>();

    /**
     * A plan for the nodes as they are.
     *
     * @param acls the permissions of a node that is created, by its path
     * @param keeps whether a node is an entry that the transaction's lease has already
     */
    CommitPlan(
            Txn txn, Layout layout, Function<String, List<ACL>> acls, Znodes nodes, BiPredicate<String, Znode> keeps) {
        this.txn = txn;
        this.layout = layout;
        this.acls = acls;
        this.nodes = nodes;
        this.keeps = keeps;
        this.guards = new Guards(layout, nodes);
    }

    /**
     * The nodes that a plan needs to know.
     *
     * @param created whether a node that is put may have to be created, so that those above it are needed as well
     */
    static Collection<String> paths(Txn txn, Layout layout, Predicate<String> created) {
        Set<String> paths = new LinkedHashSet<>();
        for (Condition condition : txn.conditions()) {
            paths.add(layout.path(condition.key()));
        }
        for (Write write : txn.writes()) {
            String path = layout.path(write.key());
            paths.add(path);
            if (write instanceof Write.Put && created.test(path)) {
                paths.add(layout.root());
                paths.addAll(layout.between(path));
            }
        }
        List.copyOf(paths).forEach(path -> paths.add(layout.stripeOf(path)));
        for (Write write : txn.writes()) {
            if (!(write instanceof Write.Put put) || put.lease() != null) {
                paths.add(layout.departuresOf(layout.path(write.key())));
            }
        }
        return paths;
    }

    Decision decide() {
        for (Condition condition : txn.conditions()) {
            long actual = nodes.at(layout.path(condition.key())).revision();
            if (!condition.holds(actual)) {
                return new Decision.Fails(condition, actual);
            }
            tested.put(layout.path(condition.key()), condition);
        }
        for (Write write : txn.writes()) {
            String path = layout.path(write.key());
            if (write instanceof Write.Put put
                    && put.lease() != null
                    && nodes.at(path).children() > 0) {
                return new Decision.Occupied(path);
            }
            boolean guarded = write instanceof Write.Put put ? put(path, put) : delete(path);
            if (!guarded) {
                return new Decision.Unguardable(path);
            }
            tested.remove(path);
        }
        if (deletes.isEmpty() && updates.isEmpty() && creates.isEmpty()) {
            return new Decision.Unchanged();
        }
        for (String path : tested.keySet()) {
            if (!require(path)) {
                return new Decision.Unguardable(path);
            }
        }
        addParents();
        List<Op> ops = new ArrayList<>(guards.ops());
        ops.addAll(deletes);
        ops.addAll(updates);
        ops.addAll(creates.values());
        return new Decision.Apply(ops, List.copyOf(parents), deleted);
    }

    /** Requires the state of a node that is not written. */
    private boolean require(String path) {
        if (nodes.at(path).exists()) {
            return guards.requireSame(path);
        }
        guards.requireNoCreation(path);
        return true;
    }

    private boolean put(String path, Write.Put put) {
        Znode node = nodes.at(path);
        byte[] value = put.value().toByteArray();
        boolean conditional = tested.containsKey(path);
        boolean leased = put.lease() != null;
        if (!node.exists()) {
            create(path, value, leased);
            return true;
        }
        if (!leased || keeps.test(path, node)) {
            // An entry that is to stay with its lease must not have been replaced by somebody else's meanwhile.
            if (conditional || leased) {
                guards.requireNoCreation(path);
                updates.addAll(Guards.setData(path, value, node.version()));
            } else {
                updates.add(Op.setData(path, value, Guards.ANY));
            }
            return true;
        }
        remove(path, node);
        create(path, value, true);
        return true;
    }

    private void create(String path, byte[] value, boolean leased) {
        creates.put(
                path, Op.create(path, value, acls.apply(path), leased ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT));
        guards.announceCreation(path);
    }

    private boolean delete(String path) {
        Znode node = nodes.at(path);
        if (!node.isEntry()) {
            return require(path);
        }
        boolean needed = createsBelow(path);
        if (node.children() > 0 || (needed && node.owner() == 0)) {
            // Always guarded: to empty a node that has been emptied meanwhile would look like a deletion of nothing.
            guards.requireNoCreation(path);
            updates.addAll(Guards.setData(path, Znode.NO_VALUE, node.version()));
            return true;
        }
        remove(path, node);
        if (needed) {
            directory(path);
        } else {
            deleted.add(path);
        }
        return true;
    }

    /** Deletes a node; where it is not certain that no lease has it, in a way that the lease's holder can notice. */
    private void remove(String path, Znode node) {
        if (tested.containsKey(path)) {
            guards.requireNoCreation(path);
            deletes.addAll(Guards.delete(path, node.version()));
        } else {
            deletes.add(Op.delete(path, Guards.ANY));
        }
        if (!tested.containsKey(path) || node.owner() != 0) {
            guards.announceDeparture(path);
        }
    }

    /** Whether this transaction creates a node below {@code path}. */
    private boolean createsBelow(String path) {
        String stem = path + "/";
        return txn.writes().stream()
                .filter(Write.Put.class::isInstance)
                .map(write -> layout.path(write.key()))
                .anyMatch(other -> other.startsWith(stem) && !nodes.at(other).exists());
    }

    private void addParents() {
        for (String path : List.copyOf(creates.keySet())) {
            for (String above : layout.between(path)) {
                if (nodes.knows(above) && !nodes.at(above).exists() && !creates.containsKey(above)) {
                    directory(above);
                }
            }
        }
    }

    private void directory(String path) {
        parents.add(path);
        creates.put(path, Op.create(path, Znode.NO_VALUE, acls.apply(path), CreateMode.PERSISTENT));
        guards.announceCreation(path);
    }
}
