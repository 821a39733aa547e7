package dev.rollcall.kv;

/** Whether a backend can reach its store. */
public enum ConnectionState {
    /** Opened, and not yet connected for the first time. */
    CONNECTING,
    /** The store answers. */
    CONNECTED,
    /** The store was reached before and cannot be now; the backend keeps trying. Watches may be behind. */
    DISCONNECTED,
    /** The handle was closed. The last state. */
    CLOSED
}
