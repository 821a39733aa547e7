package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

/**
 * A violation in a {@link NemesisRun} that matches a known bug of the servers.
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
