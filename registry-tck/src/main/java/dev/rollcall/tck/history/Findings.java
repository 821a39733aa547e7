package dev.rollcall.tck.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** What one attempt to replay a history found, and where it had to guess. */
final class Findings {
    /** Enough to see a pattern; one fault often breaks everything after it. */
    private static final int MOST = 20;

    private static final int MOST_MOMENTS = 100;

    private final List<Violation> violations = new ArrayList<>();
    private final List<Violation> certain = new ArrayList<>();
    private final Set<String> guesses = new LinkedHashSet<>();
    private final int attempt;
    private final Random random;

    Findings(int attempt) {
        this.attempt = attempt;
        this.random = new Random(attempt);
    }

    void violation(String rule, String message, Operation... operations) {
        add(violations, Violation.of(rule, message, Arrays.asList(operations)));
    }

    void violation(String rule, String message, WatchLog watch, List<Operation> operations) {
        add(violations, of(rule, message, watch, operations));
    }

    /** A {@link #certain} one, or else a {@link #violation}. */
    void found(boolean certain, String rule, String message, Operation... operations) {
        if (certain) {
            certain(rule, message, operations);
        } else {
            violation(rule, message, operations);
        }
    }

    /** A {@link #certain} one, or else a {@link #violation}. */
    void found(boolean certain, String rule, String message, WatchLog watch, List<Operation> operations) {
        if (certain) {
            certain(rule, message, watch, operations);
        } else {
            violation(rule, message, watch, operations);
        }
    }

    /** Like {@link #violation(String, String, Operation...)}, for what holds however the guesses turn out. */
    void certain(String rule, String message, Operation... operations) {
        add(certain, Violation.of(rule, message, Arrays.asList(operations)));
    }

    /** Like {@link #violation(String, String, WatchLog, List)}, for what holds however the guesses turn out. */
    void certain(String rule, String message, WatchLog watch, List<Operation> operations) {
        add(certain, of(rule, message, watch, operations));
    }

    private static void add(List<Violation> some, Violation violation) {
        if (some.size() < MOST) {
            some.add(violation);
        }
    }

    private static Violation of(String rule, String message, WatchLog watch, List<Operation> operations) {
        Set<Integer> ids = operations.stream().map(Operation::id).collect(Collectors.toSet());
        return new Violation(rule, message, ids, Set.of(watch.id()));
    }

    /** Chooses one of several ways to go on; the first attempt takes the first, later ones any. */
    <T> T choose(List<T> options, String what) {
        if (options.size() == 1) {
            return options.get(0);
        }
        guesses.add(what + " could be explained in " + options.size() + " ways");
        return options.get(attempt == 0 ? 0 : random.nextInt(options.size()));
    }

    /** One of several moments that the history does not tell apart, 0 if there is none; the first attempt takes the first, later ones any. */
    long anyOf(LongStream moments) {
        if (attempt == 0) {
            return moments.findFirst().orElse(0);
        }
        long[] all = moments.limit(MOST_MOMENTS).toArray();
        return all.length == 0 ? 0 : all[random.nextInt(all.length)];
    }

    /** Says that what was found from here on depends on something that the history does not tell. */
    void guess(String what) {
        guesses.add(what);
    }

    boolean isClean() {
        return violations.isEmpty() && certain.isEmpty();
    }

    boolean isCertain() {
        return guesses.isEmpty() || !certain.isEmpty();
    }

    Verdict verdict() {
        if (isClean()) {
            return Verdict.ok("every answer and every signal agrees with the replay of the writes by revision");
        }
        if (!guesses.isEmpty() && !certain.isEmpty()) {
            return new Verdict(
                    Verdict.Kind.VIOLATION, shortened(certain), "whatever became of the operations in doubt");
        }
        List<Violation> all = new ArrayList<>(certain);
        all.addAll(violations);
        return isCertain()
                ? new Verdict(Verdict.Kind.VIOLATION, shortened(all), "the writes, replayed by revision, disagree")
                : new Verdict(
                        Verdict.Kind.UNDECIDED, violations, "no replay agreed, but " + String.join("; ", guesses));
    }

    private static List<Violation> shortened(List<Violation> all) {
        return all.subList(0, Math.min(all.size(), MOST));
    }
}
