package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.Endless;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeEvent;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeSignal;
import dev.rollcall.registry.NodeWatchListener;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall nodes watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Shows the nodes of a kind and every change to them, until interrupted.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall nodes watch pumps"})
final class WatchNodesCommand implements Callable<Integer>, Endless {
    @Mixin
    private NodesOptions common = new NodesOptions();

    @Option(names = "--after", paramLabel = "N", description = "Start after this revision instead of with all nodes.")
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
                signal.events().forEach(WatchNodesCommand.this::show);
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
        } else if (event instanceof NodeEvent.Unreadable<StoredRecord> bad) {
            if (common.output.isJson()) {
                common.output.json(json -> Nodes.json(json.put("event", "unreadable"), bad.entry()));
            } else {
                common.output.line(Nodes.unreadable(bad.entry()));
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
