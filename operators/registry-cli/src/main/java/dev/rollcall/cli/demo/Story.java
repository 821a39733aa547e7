package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.PlainText;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What happens in the demo, scene by scene. Every scene waits until the watcher has seen it, and fails the demo if it does not. */
final class Story implements AutoCloseable {
    /** How many nodes have a client each; the others of a large demo share one, as many threads would say nothing more. */
    private static final int OWN_CLIENTS = 20;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** How long a store may take to answer for the first time. */
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    private final Map<DemoInput.Line, DemoNode> nodes = new LinkedHashMap<>();
    private final Watcher watcher;
    private final Client operator;
    private final Client crowd;
    private final List<DemoInput.Line> pumps;
    private final List<DemoInput.Line> drainers;
    private final List<String> failures = new ArrayList<>();
    private final PrintWriter out;
    /** Whether nodes have begun to register, so that there may be something to take away. */
    private boolean begun;

    Story(String text, BackendUrl url, List<DemoInput.Line> lines, Duration ttl, PrintWriter out, boolean live) {
        this.out = out;
        this.pumps = ofKind(lines, NodeKinds.PUMPS);
        this.drainers = ofKind(lines, NodeKinds.DRAINERS);
        RegistrationOptions options =
                RegistrationOptions.of(RegistrationMode.PERSISTENT).withTtl(ttl);
        boolean inProcess = url.scheme().equals("inmemory");
        this.crowd = new Client(url);
        List<DemoInput.Line> actors = List.of(pauser(), crasher(), leaver(), victim());
        for (DemoInput.Line line : lines) {
            boolean crashes = line.equals(crasher()) || line.equals(victim());
            Client shared = nodes.size() < OWN_CLIENTS || actors.contains(line) ? null : crowd;
            nodes.put(
                    line,
                    crashes && !inProcess
                            ? new ProcessNode(text, line.kind(), ttl)
                            : new ThreadNode(url, shared, line.kind(), options));
        }
        this.operator = new Client(url);
        this.watcher = new Watcher(url, out, live);
    }

    private static List<DemoInput.Line> ofKind(List<DemoInput.Line> lines, String kind) {
        return lines.stream().filter(line -> line.kind().equals(kind)).toList();
    }

    /** The node that pauses: the first. */
    private DemoInput.Line pauser() {
        return all().findFirst().orElseThrow();
    }

    /** The node that crashes and comes back: the second. */
    private DemoInput.Line crasher() {
        return all().skip(1).findFirst().orElseThrow();
    }

    /** The node that crashes and is removed: the last. */
    private DemoInput.Line victim() {
        return all().reduce((a, b) -> b).orElseThrow();
    }

    /** The node that leaves: the last but one. */
    private DemoInput.Line leaver() {
        List<DemoInput.Line> lines = all().toList();
        return lines.get(lines.size() - 2);
    }

    private Stream<DemoInput.Line> all() {
        return Stream.concat(pumps.stream(), drainers.stream());
    }

    /** That something has not been seen in time. */
    private static final class Unseen extends Exception {
        private static final long serialVersionUID = 1L;

        Unseen(String what) {
            super("The watcher did not see within " + PATIENCE.toSeconds() + " s that " + what + ".");
        }
    }

    /**
     * Tells the story; true if all of it was seen and the watcher's view equals a fresh list. What is not seen ends it.
     *
     * @throws NodeFailedException if a node cannot play its part, so that nobody would see it
     */
    boolean tell() throws InterruptedException, NodeFailedException {
        scene("The watcher opens a view on " + watcher.name() + " and finds what is there.");
        watcher.awaitReady(CONNECTING);
        operator.demandWritable();
        Optional<String> taken = taken();
        if (taken.isPresent()) {
            failures.add(taken.get()
                    + " is there already and alive, and the demo would take its place. Give the demo a prefix of its"
                    + " own, such as the demo of etcd://HOST:2379/demo.");
            return verdict();
        }
        begun = true;
        try {
            play();
        } catch (Unseen e) {
            failures.add(String.valueOf(e.getMessage()));
        }
        return verdict();
    }

    /** A node of somebody else that has the place of one of ours. */
    private Optional<String> taken() {
        Set<String> ours = all().map(Story::id).collect(Collectors.toSet());
        return watcher.nodes()
                .filter(Node::isAlive)
                .map(node -> node.kind() + "/" + PlainText.of(node.nodeId()))
                .filter(ours::contains)
                .findFirst();
    }

    private void play() throws InterruptedException, NodeFailedException, Unseen {
        scene(pumps.size() + " pumps and " + drainers.size() + " drainers register.");
        nodes.forEach((line, node) -> node.start(alive(line, line.status().state())));
        for (DemoInput.Line line : all().toList()) {
            expect(line, "is listed and alive", Node::isAlive);
        }

        scene(id(pauser()) + " is paused by its owner.");
        node(pauser()).update(alive(pauser(), NodeState.PAUSED));
        expect(pauser(), "is paused", node -> node.value().state() == NodeState.PAUSED && node.isAlive());

        scene(id(crasher()) + " and " + id(victim()) + " crash without a word; their leases run out.");
        node(crasher()).crash();
        node(victim()).crash();
        expect(crasher(), "is listed but not alive", node -> !node.isAlive());
        expect(victim(), "is listed but not alive", node -> !node.isAlive());

        scene("A client selects among the usable nodes, online and alive: " + select());

        scene(id(crasher()) + " comes back.");
        node(crasher()).start(alive(crasher(), NodeState.ONLINE));
        expect(crasher(), "is alive again", Node::isAlive);

        scene(id(leaver()) + " drains and leaves for good.");
        node(leaver()).update(alive(leaver(), NodeState.CLOSING));
        expect(leaver(), "is closing", node -> node.value().state() == NodeState.CLOSING && node.isAlive());
        node(leaver()).close();
        expect(leaver(), "is offline", node -> node.value().state() == NodeState.OFFLINE && !node.isAlive());

        scene("An operator removes " + id(victim()) + ", which never came back.");
        operator.registry().removeNode(victim().kind(), victim().status().nodeId());
        expectGone(victim());
    }

    private static NodeStatus alive(DemoInput.Line line, NodeState state) {
        NodeStatus.Builder status = line.status().toBuilder().alive(true);
        if (state == NodeState.UNKNOWN) {
            return status.build();
        }
        // A node that starts is not offline, whatever its file said of the one before.
        return status.state(state == NodeState.OFFLINE ? NodeState.ONLINE : state)
                .build();
    }

    private DemoNode node(DemoInput.Line line) {
        return Objects.requireNonNull(nodes.get(line));
    }

    private static String id(DemoInput.Line line) {
        return line.kind() + "/" + PlainText.of(line.status().nodeId());
    }

    private void scene(String text) {
        watcher.scene(text);
    }

    private void expect(DemoInput.Line line, String what, Predicate<Node<NodeStatus>> condition)
            throws InterruptedException, NodeFailedException, Unseen {
        expect(line, found -> found.filter(condition).isPresent(), what);
    }

    private void expectGone(DemoInput.Line line) throws InterruptedException, NodeFailedException, Unseen {
        expect(line, Optional::isEmpty, "is gone");
    }

    private void expect(DemoInput.Line line, Predicate<Optional<Node<NodeStatus>>> wanted, String what)
            throws InterruptedException, NodeFailedException, Unseen {
        DemoNode node = node(line);
        if (watcher.await(line.kind(), line.status().nodeId(), wanted, () -> node.failure() != null, PATIENCE)) {
            return;
        }
        NodeFailure failure = node.failure();
        if (failure != null) {
            throw new NodeFailedException(id(line), failure);
        }
        operator.demandReachable();
        throw new Unseen(id(line) + " " + what);
    }

    private String select() {
        return watcher.nodes()
                .filter(Node::isUsable)
                .max(Comparator.comparingLong(
                                (Node<NodeStatus> node) -> node.value().score())
                        .thenComparing(Node::nodeId))
                .map(node -> node.kind() + "/" + PlainText.of(node.nodeId()) + " has the highest score, "
                        + node.value().score() + ".")
                .orElse("none.");
    }

    private boolean verdict() throws InterruptedException {
        watcher.finish();
        int compared = 0;
        for (String kind : failures.isEmpty() ? List.of(NodeKinds.PUMPS, NodeKinds.DRAINERS) : List.<String>of()) {
            compared += watcher.compare(kind, () -> operator.registry().nodes(kind), PATIENCE, failures);
        }
        out.println();
        if (failures.isEmpty()) {
            out.println("All " + watcher.scenes() + " scenes were seen, in " + watcher.changes()
                    + " changes; the watcher's view of " + compared + " nodes equals a fresh list.");
        } else {
            failures.forEach(failure -> out.println("FAILED: " + failure));
        }
        out.flush();
        return failures.isEmpty();
    }

    @Override
    public void close() {
        // What was registered is taken away also by a thread that was interrupted, since its reader is gone for
        // instance.
        boolean interrupted = Thread.interrupted();
        watcher.close();
        nodes.values().forEach(DemoNode::close);
        try {
            for (DemoInput.Line line : begun ? nodes.keySet() : Set.<DemoInput.Line>of()) {
                operator.registry().removeNode(line.kind(), line.status().nodeId());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            crowd.close();
            operator.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
