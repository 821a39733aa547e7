package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a watch of a kind delivers.
 *
 * @param kind the kind
 * @param snapshot whether {@code events} are all there is, so that what is not among them is absent; otherwise they are what has changed
 * @param events for each entry its latest state, once; in order of revision for changes, of key for a snapshot; immutable
 * @param revision the revision that this brings the observer to
 */
public record NodeSignal<T>(String kind, boolean snapshot, List<NodeEvent<T>> events, long revision) {
    public NodeSignal {
        requireNonNull(kind, "kind");
        events = List.copyOf(events);
    }
}
