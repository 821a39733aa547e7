package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.Endless;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.Style;
import dev.rollcall.kv.BackendUrl;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall demo", "  rollcall demo --backend etcd://127.0.0.1:2379/demo --nodes 30"})
public final class DemoCommand implements Callable<Integer>, Endless {
    private static final int MOST_NODES = 10_000;

    @Mixin
    private StoreOptions store = new StoreOptions();

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
        String backend = store.textOr("inmemory:demo");
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
            boolean seen = story.tell();
            if (seen) {
                suggest(backend.equals("inmemory:demo"));
            }
            return seen ? ExitCode.OK : ExitCode.REFUSED;
        } catch (NodeFailedException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("rollcall: " + PlainText.sentence(e));
            err.flush();
            return e.code();
        }
    }

    /** A demo is a beginning. */
    private void suggest(boolean inMemory) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println(Style.BOLD.of("What to try next:", out));
        if (inMemory) {
            out.println("  rollcall demo -b etcd://HOST:2379/demo   on a real store, nodes are processes");
        }
        out.println("  rollcall nodes watch pumps               see nodes come and go");
        out.println("  rollcall nodes register pumps            be one, from another terminal");
        out.println("  rollcall --help                          locks, elections, and the rest");
        out.flush();
    }
}
