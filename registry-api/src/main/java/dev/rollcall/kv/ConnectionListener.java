package dev.rollcall.kv;

/** Receives the changes of a backend's connection, one call at a time, in order, on a callback thread. */
@FunctionalInterface
public interface ConnectionListener {
    /**
     * The connection has changed; short-lived states between two calls may be skipped, the last never is. While a connection is lost, another reason for
     * that is a change, and a further failure for the same reason is none.
     */
    void onConnection(ConnectionStatus status);
}
