package dev.rollcall.cli.demo;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import java.time.Duration;

/** A handle on the store and the registry over it, as one process of an application has it. */
final class Client implements AutoCloseable {
    /** Where it is found out whether this user may write; where the registry keeps what is not a node. */
    private static final String PROBE = ".rollcall/demo";

    /** How long the probe outlives a demo that is killed. */
    private static final Duration PROBE_TTL = Duration.ofSeconds(10);

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

    /**
     * Writes what nodes write, a leased entry beside the records, and takes it away again: who may only read learns that here and with the key, before nodes try
     * again and again.
     *
     * @throws dev.rollcall.kv.KvException if the store refuses it, or does not answer
     */
    void demandWritable() throws InterruptedException {
        Lease lease = Futures.await(backend.grantLease(PROBE_TTL));
        Futures.await(backend.commit(Txn.builder()
                .put(registry.root().key(PROBE), Bytes.EMPTY, lease)
                .build()));
        Futures.await(lease.revoke());
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
