package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeSet;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A node registered by each handle, of either kind in turn, and a view by each, which is to show all of them once all has healed. */
final class ViewedNodes implements Companion {
    private static final String KIND = "nodes";
    private static final long POLL_MILLIS = 20;

    /** What is registered. */
    record Owner(String owner) {}

    private final List<NodeRegistry<Owner>> registries = new ArrayList<>();
    private final List<Registration<Owner>> registrations = new ArrayList<>();
    private final List<NodeView<Owner>> views = new ArrayList<>();

    ViewedNodes(List<KvBackend> handles) {
        for (int i = 0; i < handles.size(); i++) {
            NodeRegistry<Owner> registry = NodeRegistry.builder(handles.get(i), NodeCodec.json(Owner.class))
                    .root(Directory.of("/fleet"))
                    .build();
            registries.add(registry);
            views.add(registry.view(KIND));
            RegistrationMode mode = RegistrationMode.values()[i % RegistrationMode.values().length];
            registrations.add(registry.register(KIND, "n" + i, new Owner("handle " + i), mode));
        }
    }

    /**
     * Changes every node, and waits until each is registered as it is now, and each view shows what the store has: the same nodes, all
     * alive. Says what is not so by then.
     */
    @Override
    public Optional<String> difference(int round, Duration limit) throws InterruptedException {
        for (int i = 0; i < registrations.size(); i++) {
            registrations.get(i).update(new Owner("handle " + i + ", round " + round));
        }
        long end = System.nanoTime() + limit.toNanos();
        Optional<String> difference = difference(round);
        while (difference.isPresent() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            difference = difference(round);
        }
        return difference;
    }

    private Optional<String> difference(int round) throws InterruptedException {
        for (Registration<Owner> registration : registrations) {
            if (registration.state() != RegistrationState.REGISTERED) {
                return Optional.of("a node is not registered again, but " + registration.status());
            }
        }
        try {
            NodeSet<Owner> listed = registries.get(0).nodes(KIND);
            Map<String, Owner> expected = listed.stream().collect(Collectors.toMap(Node::nodeId, Node::value));
            if (expected.size() != registrations.size()
                    || !expected.values().stream().allMatch(node -> node.owner().endsWith("round " + round))) {
                return Optional.of("the store has " + expected + ", and not every node as it is now");
            }
            for (NodeView<Owner> view : views) {
                Futures.await(view.awaitRevision(listed.revision()), Duration.ofSeconds(1));
                Map<String, Owner> shown = view.nodes().stream()
                        .filter(Node::isAlive)
                        .collect(Collectors.toMap(Node::nodeId, Node::value));
                if (!shown.equals(expected)) {
                    return Optional.of("a view at revision " + view.revision() + " shows " + shown
                            + " alive, and the store has " + expected);
                }
            }
            return Optional.empty();
        } catch (KvException | TimeoutException e) {
            return Optional.of("the store or a view did not answer: " + e);
        }
    }

    @Override
    public void close() {
        registries.forEach(NodeRegistry::close);
    }
}
