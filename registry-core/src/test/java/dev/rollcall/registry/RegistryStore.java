package dev.rollcall.registry;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;

/** What the tests of the registry need of a store; one implementation for each kind of store that they run on. */
public interface RegistryStore extends AutoCloseable {
    /** Opens another handle, with a connection and leases of its own. */
    KvBackend open();

    /** What registries and leases go by. */
    TimeSource time();

    /** Lets time pass. */
    void advance(Duration by);

    /** Breaks a handle's connection. */
    void cut(KvBackend handle);

    /** Makes it again. */
    void heal(KvBackend handle);

    /** Lets a handle's next write be applied and its answer be lost. */
    void loseNextAnswer(KvBackend handle);

    /** Loses a handle's next write. */
    void dropNextRequest(KvBackend handle);

    /** Lets the leases of a handle expire. */
    void expireLeases(KvBackend handle);

    /** Lets the store answer a handle nothing, while the connection looks well; the whole store where it cannot be done for one handle. */
    void pause(KvBackend handle);

    /** Lets it answer again, and do what it was asked for meanwhile. */
    void resume(KvBackend handle);

    /** Breaks all connections for a moment, by starting the servers again where there are any. */
    void restart();

    /** Forgets all history. */
    void compact();

    @Override
    void close();
}
