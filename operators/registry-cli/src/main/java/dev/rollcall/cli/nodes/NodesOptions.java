package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What all verbs for nodes share. */
final class NodesOptions {
    /** The root if none was given: TiDB Binlog's. */
    static final String ROOT = "/tidb-binlog/v1";

    @Mixin
    StoreOptions store = new StoreOptions();

    @Mixin
    Output output = new Output();

    {
        // Nothing is there then, and a write would create it.
        store.notesWhenOpened(() ->
                DoubledRoot.of(store.url().option("prefix").orElse(store.url().path()), this.root, this.kind));
    }

    @Option(
            names = "--root",
            paramLabel = "KEY",
            defaultValue = ROOT,
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

    /** {@link #open}, for a command that asks the owners of nodes, with records of any format. */
    NodeRegistry<StoredRecord> openToAsk() throws InterruptedException {
        return on(store.open(), StoredRecord.CODEC, false);
    }

    private <T> NodeRegistry<T> on(KvBackend backend, NodeCodec<T> codec, boolean waits) throws InterruptedException {
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

    /** The place where nothing was found; that the URL repeats the root was noted when the store was opened. */
    String lookedAt(NodeRegistry<?> registry, String below) {
        String nodes = registry.layout() == NodeLayout.BY_KIND ? "/nodes" : "";
        return "looked at " + PlainText.of((root.isRoot() ? "" : root.path()) + "/" + kind + nodes + below) + " there";
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
