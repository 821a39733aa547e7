package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.PlainText;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeChange;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeSet;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.ViewUpdate;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The other side: a client that has only a view, and shows what it sees. */
final class Watcher implements AutoCloseable {
    /* Concurrency: lock guards scenes, changes and is notified at each change of a view; lastChange is concurrent. */
    private static final List<String> HEADER = List.of("NODE", "STATE", "ALIVE", "SCORE", "AGE", "LAST CHANGE");

    private static final Duration PACE = Duration.ofMillis(1200);

    private final Object lock = new Object();
    private final long start = System.nanoTime();
    private final Client client;
    private final Map<String, NodeView<NodeStatus>> views = new LinkedHashMap<>();
    private final Map<String, Seen> lastChange = new ConcurrentHashMap<>();
    private final Screen screen;
    private int scenes;
    private int changes;

    private record Seen(String what, long firstNanos, long nanos) {}

    Watcher(BackendUrl url, PrintWriter out, boolean live) {
        this.client = new Client(url);
        this.screen = Screen.open(out, live, HEADER, this::rows);
        for (String kind : List.of(NodeKinds.PUMPS, NodeKinds.DRAINERS)) {
            NodeView<NodeStatus> view = client.registry().view(kind);
            views.put(kind, view);
            view.listen(update -> seen(kind, update));
        }
    }

    String name() {
        return client.name();
    }

    void awaitReady(Duration patience) throws InterruptedException {
        for (NodeView<NodeStatus> view : views.values()) {
            try {
                view.awaitReady(patience);
            } catch (DeadlineExceededException e) {
                // That this user may not is the answer; one that has not come is none.
                throw view.lastFailure()
                        .filter(AccessDeniedException.class::isInstance)
                        .orElse(e);
            }
        }
    }

    void scene(String text) {
        synchronized (lock) {
            scenes++;
        }
        if (screen.isLive()) {
            pause(PACE);
        }
        screen.scene(String.format("%5.1fs  %s", seconds(), text));
    }

    /** Leaves a person the time to look, while the ages in the table go on. */
    private void pause(Duration pause) {
        long end = System.nanoTime() + pause.toNanos();
        synchronized (lock) {
            for (long rest = pause.toMillis();
                    rest > 0;
                    rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                try {
                    lock.wait(Math.min(rest, 200));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                screen.refresh();
            }
        }
    }

    int scenes() {
        synchronized (lock) {
            return scenes;
        }
    }

    int changes() {
        synchronized (lock) {
            return changes;
        }
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    private void seen(String kind, ViewUpdate<NodeStatus> update) {
        for (NodeChange<NodeStatus> change : update.changes()) {
            String id = kind + "/" + change.nodeId();
            String what = describe(change);
            long now = System.nanoTime();
            lastChange.merge(id, new Seen(what, now, now), (before, next) -> new Seen(what, before.firstNanos(), now));
            screen.event(String.format("%5.1fs    %s %s", seconds(), PlainText.of(id), what));
        }
        synchronized (lock) {
            changes += update.changes().size();
            lock.notifyAll();
        }
        screen.refresh();
    }

    private static String describe(NodeChange<NodeStatus> change) {
        Node<NodeStatus> before = change.before();
        Node<NodeStatus> after = change.after();
        if (after == null) {
            return "left";
        }
        String state = PlainText.of(after.value().stateText());
        // A node of somebody else may have none.
        String comma = state.isEmpty() ? "" : ", " + state;
        if (before == null) {
            return "joined" + comma + alive(after);
        }
        if (before.isAlive() && !after.isAlive()) {
            return "is not alive any more" + comma;
        }
        if (!before.isAlive() && after.isAlive()) {
            return "is alive" + comma;
        }
        return "changed" + comma + alive(after);
    }

    private static String alive(Node<NodeStatus> node) {
        return node.isAlive() ? ", alive" : ", not alive";
    }

    /** Waits until a node is as wanted in the view; false if that takes too long, or is {@code vain}. */
    boolean await(
            String kind,
            String nodeId,
            Predicate<Optional<Node<NodeStatus>>> wanted,
            BooleanSupplier vain,
            Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (lock) {
            while (!wanted.test(Optional.ofNullable(view(kind).get(nodeId)))) {
                long rest = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (rest <= 0 || vain.getAsBoolean()) {
                    return false;
                }
                try {
                    lock.wait(Math.min(rest, 200));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
                screen.refresh();
            }
            return true;
        }
    }

    private NodeView<NodeStatus> view(String kind) {
        return Objects.requireNonNull(views.get(kind));
    }

    Stream<Node<NodeStatus>> nodes() {
        return views.values().stream().flatMap(view -> view.nodes().sorted().stream());
    }

    /** Shows the final table. */
    void finish() {
        screen.finish();
    }

    /** Reads the nodes of a kind from the store. */
    interface Listing {
        NodeSet<NodeStatus> read() throws InterruptedException;
    }

    /**
     * Compares the view with a list, adds what differs at one revision to {@code failures}, and returns how many nodes there are. If it differs and the view has
     * passed the list already, that is read anew: nodes come and go while this looks. Where nothing differs the revisions may: on ZooKeeper each list has one of
     * its own.
     */
    int compare(String kind, Listing listing, Duration patience, List<String> failures) throws InterruptedException {
        NodeView<NodeStatus> view = view(kind);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            NodeSet<NodeStatus> list = listing.read();
            try {
                view.awaitRevision(list.revision()).get(patience.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException e) {
                failures.add("The view of " + kind + " did not reach revision " + list.revision() + ": " + e + ".");
                return 0;
            }
            NodeSet<NodeStatus> seen = view.nodes();
            if (seen.sorted().equals(list.sorted())) {
                return seen.size();
            }
            if (seen.revision() == list.revision() || System.nanoTime() - deadline >= 0) {
                failures.add("The view of " + kind + " at revision " + seen.revision() + " has " + seen.sorted()
                        + ", but a list at revision " + list.revision() + " has " + list.sorted() + ".");
                return seen.size();
            }
        }
    }

    private List<List<String>> rows() {
        long now = System.nanoTime();
        return nodes().map(node -> {
                    String id = node.kind() + "/" + node.nodeId();
                    Seen seen = lastChange.getOrDefault(id, new Seen("", now, now));
                    return List.of(
                            PlainText.of(id),
                            PlainText.of(node.value().stateText()),
                            node.isAlive() ? "yes" : "no",
                            Long.toString(node.value().score()),
                            TimeUnit.NANOSECONDS.toSeconds(now - seen.firstNanos()) + " s",
                            seen.what());
                })
                .toList();
    }

    @Override
    public void close() {
        screen.close();
        client.close();
    }
}
