package dev.rollcall.tck.nemesis;

import dev.rollcall.tck.nemesis.KnownFault.Effect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The findings of a run: violations, and known bugs of the servers. */
/* Concurrency: guarded by this. */
final class RunFindings {
    private final List<KnownFault> knownFaults;
    private final LongSupplier nanoTime;
    private final Log<String> violations = new Log<>();
    private final Log<KnownFinding> known = new Log<>();
    /** The fault that was undone last, unless it went astray. */
    private @Nullable Fault last;
    /** When that began. */
    private long lastAt;

    /** What was found of one kind, and how much of that has been told as news. */
    private static final class Log<T> {
        private final List<T> all = new ArrayList<>();
        private int told;

        List<T> news() {
            List<T> news = List.copyOf(all.subList(told, all.size()));
            told = all.size();
            return news;
        }
    }

    /** Nothing yet. */
    RunFindings(List<KnownFault> knownFaults, LongSupplier nanoTime) {
        this.knownFaults = List.copyOf(knownFaults);
        this.nanoTime = nanoTime;
    }

    /** A fault is about to be undone, which went astray if it did not strike whom it is named after. */
    synchronized void healing(Fault fault, boolean astray) {
        last = astray ? null : fault;
        lastAt = nanoTime.getAsLong();
    }

    synchronized void violation(String what) {
        violations.all.add(what);
    }

    /** The time of something that is seen, for {@link #endedEarly}. */
    long now() {
        return nanoTime.getAsLong();
    }

    /** A lease, or the turn of a lock below it, was seen at some time to have ended before its holder knew; returns whether that is a violation. */
    synchronized boolean endedEarly(String what, long seenAt) {
        Optional<KnownFault> cause = knownFaults.stream()
                .filter(fault -> fault.effect() == Effect.LEASE_ENDS_EARLY && mayBeSeen(fault, seenAt))
                .findFirst();
        cause.ifPresentOrElse(fault -> known.all.add(new KnownFinding(fault, what)), () -> violation(what));
        return cause.isEmpty();
    }

    private boolean mayBeSeen(KnownFault known, long seenAt) {
        return last != null
                && known.after().contains(last)
                && Duration.ofNanos(seenAt - lastAt).compareTo(known.within()) <= 0;
    }

    synchronized List<String> violations() {
        return List.copyOf(violations.all);
    }

    /** The violations since the last call. */
    synchronized List<String> newViolations() {
        return violations.news();
    }

    synchronized List<KnownFinding> known() {
        return List.copyOf(known.all);
    }

    /** The known faults since the last call. */
    synchronized List<KnownFinding> newKnown() {
        return known.news();
    }
}
