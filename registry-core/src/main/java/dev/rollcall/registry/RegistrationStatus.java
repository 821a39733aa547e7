package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a {@link Registration}, and the reason for it.
 *
 * @param state the state
 * @param reason why; a clause for people, without a full stop
 * @param since the wall-clock time at which the state or the reason last changed
 * @param lastFailure the failure of the store that is the reason, or null if that is another
 */
public record RegistrationStatus(
        RegistrationState state,
        String reason,
        Instant since,
        @Nullable KvException lastFailure) {
    public RegistrationStatus {
        requireNonNull(state, "state");
        requireNonNull(reason, "reason");
        requireNonNull(since, "since");
    }
}
