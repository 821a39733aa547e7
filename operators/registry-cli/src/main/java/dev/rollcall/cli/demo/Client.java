package dev.rollcall.cli.demo;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;

/** A handle on the store and the registry over it, as one process of an application has it. */
final class Client implements AutoCloseable {
    private final KvBackend backend;
    private final NodeRegistry<NodeStatus> registry;

    Client(BackendUrl url) {
        this.backend = KvBackends.open(url);
        this.registry = NodeRegistry.tidbBinlog(backend);
    }

    String name() {
        return backend.name();
    }

    NodeRegistry<NodeStatus> registry() {
        return registry;
    }

    /**
     * Asks the store whether it is there: what was not seen because it is away is its fault and not that of the watcher.
     *
     * @throws dev.rollcall.kv.KvException if it does not answer
     */
    void demandReachable() throws InterruptedException {
        Futures.await(backend.children(registry.root()));
    }

    /** Loses the connection for good, where the store can be told to. */
    void crash() {
        if (backend instanceof InMemoryBackend memory) {
            memory.faults().disconnect();
            // Closed while it is cut off, it cannot say goodbye: the store notices when the leases run out.
            memory.close();
        }
    }

    @Override
    public void close() {
        registry.close();
        backend.close();
    }
}
