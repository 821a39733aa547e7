package dev.rollcall.cli.nodes;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rollcall nodes}: nodes in TiDB Binlog's format; others are shown as they are. */
@Command(
        name = "nodes",
        mixinStandardHelpOptions = true,
        description =
                "Works with nodes at ROOT/KIND/NODE, in TiDB Binlog's format; list, get and watch show other JSON as it is.",
        subcommands = {
            ListNodesCommand.class,
            GetNodeCommand.class,
            WatchNodesCommand.class,
            UpdateNodeCommand.class,
            PauseNodeCommand.class,
            DrainNodeCommand.class,
            RemoveNodeCommand.class,
            RegisterNodeCommand.class
        },
        synopsisSubcommandLabel = "VERB",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall nodes list pumps",
            "  rollcall nodes list workers --root /jobs --columns node,alive,address",
            "  rollcall nodes watch pumps"
        })
public final class NodesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Say what to do with the nodes: list, get, watch, update, pause, drain, remove or register.");
    }
}
