package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A rule of the contract that a history breaks.
 *
 * @param rule the id of the rule, as in {@code docs/spec.md}
 * @param message what contradicts what
 * @param operations the ids of the operations involved
 * @param watches the ids of the watches involved
 */
public record Violation(String rule, String message, Set<Integer> operations, Set<Integer> watches) {
    public Violation {
        requireNonNull(rule, "rule");
        requireNonNull(message, "message");
        operations = Set.copyOf(operations);
        watches = Set.copyOf(watches);
    }

    static Violation of(String rule, String message, List<Operation> operations) {
        Set<Integer> ids = new TreeSet<>();
        operations.forEach(operation -> ids.add(operation.id()));
        return new Violation(rule, message, ids, Set.of());
    }

    /** The rule and the message. */
    @Override
    public String toString() {
        return rule + ": " + message;
    }
}
