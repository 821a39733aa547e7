package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall nodes update}. */
@Command(
        name = "update",
        mixinStandardHelpOptions = true,
        description = "Writes a node, present or not, or changes the state or score of one that is present.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall nodes update pumps pump-1 --state paused",
            "  rollcall nodes update pumps '{\"nodeId\":\"pump-1\",\"host\":\"10.0.0.7:8250\",\"state\":\"online\"}'"
        })
final class UpdateNodeCommand implements Callable<Integer> {
    @Mixin
    private NodesOptions common = new NodesOptions();

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
