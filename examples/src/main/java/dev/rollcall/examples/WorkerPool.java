package dev.rollcall.examples;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationOptions;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/**
 * The workers of an application: each announces itself, and clients find the one with the most room without asking the store.
 *
 * <p>Nothing here knows which store it is; that is the URL that the backend was opened with.
 */
public final class WorkerPool implements AutoCloseable {
    private static final String KIND = "workers";
    private static final Duration TTL = Duration.ofSeconds(5);

    private final NodeRegistry<Worker> registry;
    private final NodeView<Worker> view;

    /** The pool at {@code /jobs} of a store; the backend stays open when the pool is closed. */
    public WorkerPool(KvBackend backend) {
        registry = NodeRegistry.builder(backend, NodeCodec.json(Worker.class))
                .root(Directory.of("/jobs"))
                .layout(NodeLayout.BY_KIND)
                .build();
        view = registry.view(KIND);
    }

    /** Announces a worker until the registration, or this pool, is closed; it vanishes by itself when this process dies. */
    public Registration<Worker> announce(String id, Worker worker) {
        return registry.register(
                KIND,
                id,
                worker,
                RegistrationOptions.of(RegistrationMode.EPHEMERAL).withTtl(TTL));
    }

    /** The worker with the most room, or empty if none has any. Reads the local view: no call to the store, and an answer while it is away. */
    public Optional<Node<Worker>> mostRoom() {
        return view.nodes().stream()
                .filter(Node::isAlive)
                .filter(node -> node.value().freeSlots() > 0)
                .max(Comparator.comparingInt((Node<Worker> node) -> node.value().freeSlots())
                        .thenComparing(Node::nodeId));
    }

    /** Waits until this pool sees what was written at {@code revision}, for instance by {@link Registration#update}. */
    public void await(long revision) throws InterruptedException {
        Futures.await(view.awaitRevision(revision));
    }

    @Override
    public void close() {
        registry.close();
    }
}
