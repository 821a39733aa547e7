package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * How a view compared with a list of the store.
 *
 * <p>The two are rarely of the very same revision. Nodes that have changed between them are not compared. A node that is missing in one of them is compared
 * again some seconds later, and reported only if it is still missing.
 *
 * @param revision the revision of the list
 * @param differences what the view had otherwise than the store, sorted by id; empty if it was right; immutable
 */
public record ViewAudit(long revision, List<Difference> differences) {
    public ViewAudit {
        differences = List.copyOf(differences);
    }

    /**
     * One node.
     *
     * @param nodeId its id
     * @param detail what differs; a clause for people
     */
    public record Difference(String nodeId, String detail) {
        public Difference {
            requireNonNull(nodeId, "nodeId");
            requireNonNull(detail, "detail");
        }
    }
}
