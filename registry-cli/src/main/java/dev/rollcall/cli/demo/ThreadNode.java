package dev.rollcall.cli.demo;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationOptions;
import org.jspecify.annotations.Nullable;

/** A node with a handle of its own in this process. Dies, on the in-memory store, by losing its connection for good. */
final class ThreadNode implements DemoNode {
    private final BackendUrl url;
    private final String kind;
    private final RegistrationOptions options;
    private @Nullable KvBackend backend;
    private @Nullable NodeRegistry<NodeStatus> registry;
    private @Nullable Registration<NodeStatus> registration;

    ThreadNode(BackendUrl url, String kind, RegistrationOptions options) {
        this.url = url;
        this.kind = kind;
        this.options = options;
    }

    @Override
    public void start(NodeStatus status) {
        close();
        KvBackend opened = KvBackends.open(url);
        backend = opened;
        NodeRegistry<NodeStatus> nodes = NodeRegistry.tidbBinlog(opened);
        registry = nodes;
        registration = nodes.register(kind, status.nodeId(), status, options);
    }

    @Override
    public void update(NodeStatus status) {
        if (registration != null) {
            registration.update(status);
        }
    }

    @Override
    public void crash() {
        if (backend instanceof InMemoryBackend memory) {
            memory.faults().disconnect();
            // Closed while it is cut off, it cannot say goodbye: the store notices when the lease runs out.
            memory.close();
        }
    }

    @Override
    public void close() {
        if (registry != null) {
            registry.close();
            registry = null;
            registration = null;
        }
        if (backend != null) {
            backend.close();
            backend = null;
        }
    }
}
