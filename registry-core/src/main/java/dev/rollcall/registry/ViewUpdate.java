package dev.rollcall.registry;

import java.util.List;

/**
 * What has changed in a view since the update before.
 *
 * @param revision the revision that the view is at
 * @param resynced whether the view was filled anew in between, after its start or a gap: the changes are then the difference, and what came
 *     and went during the gap is not among them
 * @param changes for each node that differs one change, sorted by id; may be empty if resynced; immutable
 */
public record ViewUpdate<T>(long revision, boolean resynced, List<NodeChange<T>> changes) {
    public ViewUpdate {
        changes = List.copyOf(changes);
    }
}
