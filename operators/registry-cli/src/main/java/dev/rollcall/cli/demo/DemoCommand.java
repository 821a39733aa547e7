package dev.rollcall.cli.demo;

import dev.rollcall.cli.DurationConverter;
import dev.rollcall.kv.BackendUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rollcall demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Registers nodes, lets some pause, crash, come back and leave, shows what a watcher on another handle sees, and checks at the end"
                    + " that its view equals a fresh list. Exit code 0 only if it does.",
            "With another backend than inmemory:, the nodes that crash run in processes of their own and are killed. What the demo writes at"
                    + " /tidb-binlog/v1 it removes at the end."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int MOST_NODES = 10_000;

    @Option(
            names = {"-b", "--backend"},
            paramLabel = "URL",
            defaultValue = "${env:ROLLCALL_BACKEND:-inmemory:demo}",
            description = "The store. Default: $ROLLCALL_BACKEND, else a store in this process's memory.")
    private String backend = "";

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "Node statuses in TiDB's JSON, one a line. Default: ten that come with the command.")
    private @Nullable Path input;

    @Option(
            names = {"-n", "--nodes"},
            paramLabel = "N",
            description = "How many nodes: the first of the input, or copies once it is used up. Default: the input's.")
    private @Nullable Integer count;

    @Option(names = "--plain", description = "Print lines even on a terminal.")
    private boolean plain;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "2s",
            description = "How long a crashed node goes unnoticed. Default: ${DEFAULT-VALUE}")
    private Duration ttl = Duration.ofSeconds(2);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        BackendUrl url = BackendUrl.parse(backend);
        if (count != null && (count < 4 || count > MOST_NODES)) {
            throw new IllegalArgumentException(
                    "The demo needs 4 to " + MOST_NODES + " nodes, but --nodes is " + count + ".");
        }
        List<DemoInput.Line> lines = DemoInput.read(input, count);
        if (lines.size() < 4) {
            throw new IllegalArgumentException(
                    "The demo needs at least 4 nodes, but the input has " + lines.size() + "; add some with --nodes.");
        }
        try (Story story =
                new Story(backend, url, lines, ttl, spec.commandLine().getOut(), !plain)) {
            return story.tell() ? 0 : 1;
        }
    }
}
