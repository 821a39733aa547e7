package dev.rollcall.examples.scheduler;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * One process of the scheduler.
 *
 * @param id its name, one path segment, other than that of any other process
 * @param zone whose jobs it runs
 * @param ttl how long the others wait when nothing is heard of it before its jobs, or its leadership, go to another
 */
public record NodeSettings(String id, String zone, Duration ttl) {
    public NodeSettings {
        JobBoard.checkSegment("id of a node", id);
        requireNonNull(zone, "zone");
        requireNonNull(ttl, "ttl");
    }
}
