package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a judge thinks of a history.
 *
 * @param kind the decision
 * @param violations the rules that are broken; where nothing could be decided, those that may be
 * @param remark how the decision was reached, or why there is none
 */
public record Verdict(Kind kind, List<Violation> violations, String remark) {
    public Verdict {
        requireNonNull(kind, "kind");
        violations = List.copyOf(violations);
        requireNonNull(remark, "remark");
    }

    /** The decision. */
    public enum Kind {
        /** The contract allows the history. */
        OK,
        /** The contract forbids it, whatever became of operations in doubt. */
        VIOLATION,
        /** The judge ran out of time, or the history tells too little. Not a pass. */
        UNDECIDED
    }

    /** Whether the contract allows the history. */
    public boolean isOk() {
        return kind == Kind.OK;
    }

    static Verdict ok(String remark) {
        return new Verdict(Kind.OK, List.of(), remark);
    }

    /** The decision, and each violation on its own line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.name()).append(": ").append(remark);
        violations.forEach(
                violation -> text.append(System.lineSeparator()).append("  ").append(violation));
        return text.toString();
    }
}
