package dev.rollcall.registry;

/** The state of a {@link Registration}. */
public enum RegistrationState {
    /** The node has not been written yet. */
    REGISTERING,
    /** The node is in the store and ours, as far as we can know; a short loss of the connection does not change that. */
    REGISTERED,
    /** The lease has been lost: others see the node gone, or not alive, now or soon. A new lease is being asked for. */
    LOST,
    /** The node was lost, deleted or changed by someone else, and is being written again. */
    REPAIRING,
    /** The id is someone else's. Nothing is written until the other has gone. */
    CONFLICT,
    /** The registration was closed, or its backend. The last state. */
    CLOSED
}
