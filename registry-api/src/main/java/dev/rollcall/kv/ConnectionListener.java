package dev.rollcall.kv;

/** Is told when a backend's connection changes. Called one at a time, in order, on a thread for user code. */
@FunctionalInterface
public interface ConnectionListener {
    /**
     * The connection has changed; short-lived states between two calls may be skipped, the last never is. While a connection is lost, another reason for
     * that is a change, and a further failure for the same reason is none.
     */
    void onConnection(ConnectionStatus status);
}
