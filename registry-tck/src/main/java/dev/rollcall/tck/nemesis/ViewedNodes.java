package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A node registered by each handle, of either kind in turn, and a view by each, which is to show all of them once all has healed. */
final class ViewedNodes implements AutoCloseable {
    private static final String KIND = "nodes";
    private static final long POLL_MILLIS = 20;

    /** What is registered. */
    record Node(String owner) {}

    private final List<NodeRegistry<Node>> registries = new ArrayList<>();
    private final List<Registration<Node>> registrations = new ArrayList<>();
    private final List<NodeView<Node>> views = new ArrayList<>();

    ViewedNodes(List<KvBackend> handles) {
        for (int i = 0; i < handles.size(); i++) {
            NodeRegistry<Node> registry = NodeRegistry.builder(handles.get(i), NodeCodec.json(Node.class))
                    .build();
            registries.add(registry);
            views.add(registry.view(KIND));
            RegistrationMode mode = RegistrationMode.values()[i % RegistrationMode.values().length];
            registrations.add(registry.register(KIND, "n" + i, new Node("handle " + i), mode));
        }
    }

    /** Waits until every node is registered, and alive in every view; says what is not by then. */
    Optional<String> difference(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Optional<String> difference = difference();
        while (difference.isPresent() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            difference = difference();
        }
        return difference;
    }

    private Optional<String> difference() throws InterruptedException {
        for (Registration<Node> registration : registrations) {
            if (registration.state() != RegistrationState.REGISTERED) {
                return Optional.of("a node is not registered again, but " + registration.status());
            }
        }
        try {
            long revision = registries.get(0).nodes(KIND).revision();
            for (NodeView<Node> view : views) {
                Futures.await(view.awaitRevision(revision), Duration.ofSeconds(1));
                long alive =
                        view.nodes().stream().filter(member -> member.isAlive()).count();
                if (alive != registrations.size()) {
                    return Optional.of("a view at revision " + view.revision() + " shows " + alive + " of "
                            + registrations.size() + " nodes alive: "
                            + view.nodes().stream().map(Object::toString).collect(Collectors.joining(", ")));
                }
            }
            return Optional.empty();
        } catch (KvException | TimeoutException e) {
            return Optional.of("a view did not reach the store's revision: " + e);
        }
    }

    @Override
    public void close() {
        registries.forEach(NodeRegistry::close);
    }
}
