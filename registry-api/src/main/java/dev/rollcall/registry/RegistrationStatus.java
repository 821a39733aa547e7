package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How a {@link Registration} stands and why.
 *
 * @param state how it stands
 * @param reason why; a clause for people, without a full stop
 * @param since the wall-clock time at which the state or the reason last changed
 */
public record RegistrationStatus(RegistrationState state, String reason, Instant since) {
    public RegistrationStatus {
        requireNonNull(state, "state");
        requireNonNull(reason, "reason");
        requireNonNull(since, "since");
    }
}
