package dev.rollcall.inmemory;

import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;

/** The parts of a handle that stores made on top of it share, so that they go by the same clock and end with it. */
public final class HandleParts {
    private HandleParts() {}

    public static HandleThreads threads(InMemoryBackend handle) {
        return handle.threads();
    }

    public static PendingCalls calls(InMemoryBackend handle) {
        return handle.calls();
    }
}
