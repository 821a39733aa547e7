package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

/**
 * What was found in a {@link NemesisRun} and is a fault of the servers that is known.
 *
 * @param fault which
 * @param what what was found
 */
public record KnownFinding(KnownFault fault, String what) {
    public KnownFinding {
        requireNonNull(fault, "fault");
        requireNonNull(what, "what");
    }

    @Override
    public String toString() {
        return fault.upstream() + ": " + what;
    }
}
