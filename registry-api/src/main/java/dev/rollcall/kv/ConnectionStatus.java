package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a backend's connection, for health checks.
 *
 * @param state whether the store can be reached
 * @param since the wall-clock time at which that state began
 * @param lastFailure why the connection was last lost or could not be made, or null if that has not happened
 */
public record ConnectionStatus(
        ConnectionState state, Instant since, @Nullable KvException lastFailure) {
    public ConnectionStatus {
        requireNonNull(state, "state");
        requireNonNull(since, "since");
    }
}
