package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import dev.rollcall.tck.history.Workload;
import java.time.Duration;
import java.util.List;

/**
 * One round of a {@link NemesisRun}, judged; in times since the run began.
 *
 * @param number which, from 1
 * @param workload what the clients did
 * @param seed the seed of the round
 * @param from when it began
 * @param until when all had healed and the clients had ended; it was judged afterwards
 * @param faults what came over the cluster
 * @param pulses how many operations ended when, in order; seconds without any are missing
 * @param known what was found since the round before and is a known fault of the servers
 * @param violations what was found wrong since the round before
 */
public record NemesisRound(
        int number,
        Workload workload,
        int seed,
        Duration from,
        Duration until,
        List<FaultTime> faults,
        List<Pulse> pulses,
        List<KnownFinding> known,
        List<String> violations) {
    public NemesisRound {
        requireNonNull(workload, "workload");
        requireNonNull(from, "from");
        requireNonNull(until, "until");
        faults = List.copyOf(faults);
        pulses = List.copyOf(pulses);
        known = List.copyOf(known);
        violations = List.copyOf(violations);
    }

    /** How many operations the clients began. */
    public int operations() {
        return pulses.stream().mapToInt(Pulse::all).sum();
    }
}
