package dev.rollcall.cli;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeEvent;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeList;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeSignal;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeWatchListener;
import dev.rollcall.registry.PoisonEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rollcall nodes}: nodes in TiDB Binlog's format; others are shown as they are. */
@Command(
        name = "nodes",
        mixinStandardHelpOptions = true,
        description =
                "Works with nodes at ROOT/KIND/NODE, in TiDB Binlog's format; list, get and watch show other JSON as it is.",
        subcommands = {
            NodesCommand.ListNodes.class,
            NodesCommand.GetNode.class,
            NodesCommand.WatchNodes.class,
            NodesCommand.UpdateNode.class,
            NodesCommand.RemoveNode.class,
            RegisterNodeCommand.class
        })
final class NodesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do with the nodes: list, get, watch, update, remove or register.");
    }

    /** What all subcommands share. */
    static final class Common {
        @Mixin
        StoreOptions store = new StoreOptions();

        @Mixin
        Output output = new Output();

        {
            // Nothing is there then, and a write would create it.
            store.notesWhenOpened(() -> DoubledRoot.of(store.url().path(), this.root, this.kind));
        }

        @Option(
                names = "--root",
                paramLabel = "KEY",
                defaultValue = "/tidb-binlog/v1",
                description = "Where the kinds are. Default: ${DEFAULT-VALUE}")
        Directory root = Directory.ROOT;

        @Option(
                names = "--layout",
                paramLabel = "tidb|by-kind",
                description = "Where a kind's nodes are: tidb for ROOT/KIND/NODE, by-kind for ROOT/KIND/nodes/NODE."
                        + " Default: what the kind has, and tidb if it has nothing.")
        private @Nullable String layout;

        @Parameters(index = "0", paramLabel = "KIND", description = "pumps, drainers or another kind.")
        String kind = "";

        NodeRegistry<NodeStatus> open() throws InterruptedException {
            return on(store.open(), NodeCodec.tidbBinlog(), false);
        }

        /** {@link #open}, for a command that outlasts an outage and hence waits for the store. */
        NodeRegistry<NodeStatus> openToStay() throws InterruptedException {
            return on(store.open(), NodeCodec.tidbBinlog(), true);
        }

        /** {@link #openToRead}, for a command that outlasts an outage and hence waits for the store. */
        NodeRegistry<StoredRecord> openToFollow() throws InterruptedException {
            return on(store.openToRead(output), StoredRecord.CODEC, true);
        }

        /** {@link #open}, for a command that only reads, records of an application's own as well. */
        NodeRegistry<StoredRecord> openToRead() throws InterruptedException {
            return on(store.openToRead(output), StoredRecord.CODEC, false);
        }

        private <T> NodeRegistry<T> on(KvBackend backend, NodeCodec<T> codec, boolean waits)
                throws InterruptedException {
            boolean opened = false;
            try {
                NodeRegistry<T> registry = NodeRegistry.builder(backend, codec)
                        .root(root)
                        .layout(layout(backend, waits))
                        .ownsBackend(true)
                        .build();
                opened = true;
                return registry;
            } finally {
                if (!opened) {
                    backend.close();
                }
            }
        }

        private NodeLayout layout(KvBackend backend, boolean waits) throws InterruptedException {
            if (layout != null) {
                return Layouts.named(layout);
            }
            if (!waits) {
                return Layouts.of(backend, root, kind);
            }
            try (Outage outage = new Outage(backend, output.err())) {
                return Layouts.onceReached(backend, root, kind);
            }
        }

        /** Where something was looked for in vain, and what to change if the URL and the root say the same twice. */
        String lookedAt(NodeRegistry<?> registry, String below) {
            String nodes = registry.layout() == NodeLayout.BY_KIND ? "/nodes" : "";
            String place = (root.isRoot() ? "" : root.path()) + "/" + kind + nodes + below;
            String looked = "looked at " + PlainText.of(place) + " there";
            return !root.isRoot() && registry.backend().name().endsWith(root.path())
                    ? looked + ", below a URL that ends in " + root.path()
                            + " itself; leave that out of the URL, or give --root / if the kinds are directly below it"
                    : looked;
        }

        /** Shows what was written; whether the node is alive, or its record has a lease, is not known without a read. */
        void showWritten(NodeStatus status, long revision) {
            if (output.isJson()) {
                output.json(json -> Nodes.json(json, kind, status.nodeId(), StoredRecord.of(status), revision));
            } else {
                output.table(Nodes.HEADER, List.of(Nodes.row(kind, status, revision)));
            }
        }

        void show(Node<StoredRecord> node) {
            if (output.isJson()) {
                output.json(json -> Nodes.json(json, node, node.value()));
            } else {
                Nodes.print(output, List.of(node));
            }
        }

        /** Shows a node that was changed, and hence is of TiDB's format. */
        void showChanged(Node<NodeStatus> node) {
            if (output.isJson()) {
                output.json(json -> Nodes.json(json, node, StoredRecord.of(node.value())));
            } else {
                output.table(Nodes.HEADER, List.of(Nodes.row(node, node.value())));
            }
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the nodes of a kind.")
    static final class ListNodes implements Callable<Integer> {
        @Mixin
        private Common common = new Common();

        @Override
        public Integer call() throws InterruptedException {
            try (NodeRegistry<StoredRecord> registry = common.openToRead()) {
                NodeList<StoredRecord> list = registry.nodes(common.kind);
                if (common.output.isJson()) {
                    list.nodes().forEach(node -> common.output.json(json -> Nodes.json(json, node, node.value())));
                    list.poison().forEach(entry -> common.output.json(json -> Nodes.json(json, entry)));
                    return ExitCode.OK;
                }
                Nodes.print(common.output, list.nodes());
                list.poison().forEach(entry -> common.output.line(poison(entry)));
                common.output.line(list.nodes().size() + (list.nodes().size() == 1 ? " node" : " nodes") + " of kind "
                        + PlainText.of(common.kind) + " at revision " + list.revision()
                        + (list.nodes().isEmpty() ? ": " + common.lookedAt(registry, "") : ""));
                return ExitCode.OK;
            }
        }
    }

    @Command(name = "get", mixinStandardHelpOptions = true, description = "Shows a node; exit code 1 if it is absent.")
    static final class GetNode implements Callable<Integer> {
        @Mixin
        private Common common = new Common();

        @Parameters(index = "1", paramLabel = "NODE", description = "The node's id.")
        private String nodeId = "";

        @Override
        public Integer call() throws InterruptedException {
            try (NodeRegistry<StoredRecord> registry = common.openToRead()) {
                Optional<Node<StoredRecord>> node = registry.node(common.kind, nodeId);
                if (node.isEmpty()) {
                    common.output
                            .err()
                            .println("rollcall: There is no node '" + PlainText.of(nodeId) + "' of kind "
                                    + PlainText.of(common.kind) + " on "
                                    + registry.backend().name() + ": "
                                    + common.lookedAt(registry, "/" + nodeId) + ".");
                    return ExitCode.REFUSED;
                }
                common.show(node.get());
                return ExitCode.OK;
            }
        }
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Writes a node, present or not, or changes the state or score of one that is present.")
    static final class UpdateNode implements Callable<Integer> {
        @Mixin
        private Common common = new Common();

        @Parameters(
                index = "1",
                paramLabel = "JSON|NODE",
                description = "The whole status as TiDB's JSON; or the id of a node to change with the options below.")
        private String target = "";

        @Option(names = "--state", paramLabel = "STATE", description = "online, pausing, paused, closing or offline.")
        private @Nullable String state;

        @Option(names = "--score", paramLabel = "N", description = "The new score.")
        private @Nullable Long score;

        @Option(
                names = "--alive",
                paramLabel = "true|false",
                arity = "1",
                description = "The field isAlive, which nobody looks at.")
        private @Nullable Boolean alive;

        @Override
        public Integer call() throws InterruptedException {
            boolean changes = state != null || score != null || alive != null;
            if (target.startsWith("{") == changes) {
                throw new UsageException(
                        changes
                                ? "Give either the whole status as JSON, or a node's id and what to change."
                                : "Say what to change with --state, --score or --alive, or give the whole status as JSON.");
            }
            NodeStatus whole = changes ? null : Nodes.parse(target);
            NodeState newState = state == null ? null : state(state);
            try (NodeRegistry<NodeStatus> registry = common.open()) {
                if (whole != null) {
                    long revision = registry.updateNode(common.kind, whole.nodeId(), whole);
                    common.showWritten(whole, revision);
                } else {
                    common.showChanged(registry.updateNode(common.kind, target, status -> changed(status, newState)));
                }
                common.store.noteIfFleeting();
                return ExitCode.OK;
            }
        }

        private NodeStatus changed(NodeStatus status, @Nullable NodeState newState) {
            NodeStatus changed = newState == null ? status : status.withState(newState);
            changed = score == null ? changed : changed.withScore(score);
            return alive == null ? changed : changed.withAlive(alive);
        }

        private static NodeState state(String text) {
            return Arrays.stream(NodeState.values())
                    .filter(state -> state != NodeState.UNKNOWN && state.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new UsageException(
                            "'" + text + "' is not a state; it is one of online, pausing, paused, closing, offline."));
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a node; exit code 1 if it is absent.")
    static final class RemoveNode implements Callable<Integer> {
        @Mixin
        private Common common = new Common();

        @Parameters(index = "1", paramLabel = "NODE", description = "The node's id.")
        private String nodeId = "";

        @Option(names = "--if-revision", paramLabel = "N", description = "Only if the node is at this revision.")
        private @Nullable Long revision;

        @Override
        public Integer call() throws InterruptedException {
            try (NodeRegistry<NodeStatus> registry = common.open()) {
                boolean removed = revision == null
                        ? registry.removeNode(common.kind, nodeId)
                        : registry.removeNode(common.kind, nodeId, revision);
                if (common.output.isJson()) {
                    common.output.json(json ->
                            json.put("kind", common.kind).put("nodeId", nodeId).put("removed", removed));
                } else {
                    common.output.line(PlainText.of(nodeId)
                            + (removed ? " removed" : " was not there: " + common.lookedAt(registry, "/" + nodeId)));
                }
                return removed ? ExitCode.OK : ExitCode.REFUSED;
            }
        }
    }

    @Command(
            name = "watch",
            mixinStandardHelpOptions = true,
            description = "Shows the nodes of a kind and every change to them, until interrupted.")
    static final class WatchNodes implements Callable<Integer> {
        @Mixin
        private Common common = new Common();

        @Option(
                names = "--after",
                paramLabel = "N",
                description = "Start after this revision instead of with all nodes.")
        private @Nullable Long after;

        @Override
        public Integer call() throws InterruptedException {
            CompletableFuture<@Nullable KvException> ended = new CompletableFuture<>();
            try (NodeRegistry<StoredRecord> registry = common.openToFollow();
                    Outage outage = new Outage(registry.backend(), common.output.err())) {
                registry.watchNodes(
                        common.kind, after == null ? WatchStart.snapshot() : WatchStart.after(after), listener(ended));
                KvException cause = Futures.await(ended);
                if (cause != null) {
                    throw cause;
                }
                return ExitCode.OK;
            }
        }

        private NodeWatchListener<StoredRecord> listener(CompletableFuture<@Nullable KvException> ended) {
            return new NodeWatchListener<>() {
                @Override
                public void onNodes(NodeSignal<StoredRecord> signal) {
                    if (signal.snapshot()) {
                        showSnapshot(signal.revision());
                    }
                    signal.events().forEach(WatchNodes.this::show);
                    if (common.output.isLost()) {
                        ended.complete(null);
                    }
                }

                @Override
                public void onEnd(@Nullable KvException cause) {
                    ended.complete(cause);
                }
            };
        }

        /** What is not among the nodes that follow is absent, also if it was shown before. */
        private void showSnapshot(long revision) {
            if (common.output.isJson()) {
                common.output.json(json ->
                        json.put("event", "snapshot").put("kind", common.kind).put("revision", revision));
            } else {
                common.output.line("snapshot " + PlainText.of(common.kind) + "  " + revision);
            }
        }

        private void show(NodeEvent<StoredRecord> event) {
            if (event instanceof NodeEvent.Present<StoredRecord> present) {
                Node<StoredRecord> node = present.node();
                if (common.output.isJson()) {
                    common.output.json(json -> Nodes.json(json.put("event", "present"), node, node.value()));
                } else {
                    common.output.line("present  " + String.join("  ", Nodes.row(node)));
                }
            } else if (event instanceof NodeEvent.Poison<StoredRecord> bad) {
                if (common.output.isJson()) {
                    common.output.json(json -> Nodes.json(json.put("event", "poison"), bad.entry()));
                } else {
                    common.output.line(poison(bad.entry()));
                }
            } else if (common.output.isJson()) {
                common.output.json(json -> json.put("event", "absent")
                        .put("kind", common.kind)
                        .put("nodeId", event.nodeId())
                        .put("revision", event.revision()));
            } else {
                common.output.line("absent   " + PlainText.of(common.kind) + "  " + PlainText.of(event.nodeId()) + "  "
                        + event.revision());
            }
        }
    }

    private static String poison(PoisonEntry entry) {
        return "poison   " + PlainText.of(entry.key().path()) + " at revision " + entry.revision() + ": "
                + PlainText.of(entry.reason());
    }
}
