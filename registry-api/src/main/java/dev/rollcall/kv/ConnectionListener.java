package dev.rollcall.kv;

/** Is told when a backend's connection changes. Called one at a time, in order, on a thread for user code. */
@FunctionalInterface
public interface ConnectionListener {
    /**
     * The connection has changed; short-lived states between two calls may be skipped, the last never is. A further failure in the same state is
     * no change: {@link KvBackend#connection()} knows the last one. Why a handle has never connected yet is told once.
     */
    void onConnection(ConnectionStatus status);
}
