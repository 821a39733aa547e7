package dev.rollcall.benchmarks.results;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that makes one file of what several benchmarks wrote. */
@Command(
        name = "collect",
        mixinStandardHelpOptions = true,
        description = "Makes one file of figures of several, and notes where they were measured.")
public final class CollectBenchmarks implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "What StoreBenchmark and SizeBenchmark wrote.")
    private List<Path> files = List.of();

    @Option(names = "--jmh", paramLabel = "FILE", description = "What JMH wrote with -rf json.")
    private List<Path> jmhFiles = List.of();

    @Option(names = "--note", paramLabel = "KEY=VALUE", description = "What else to note: versions of servers, say.")
    private Map<String, String> notes = Map.of();

    @Option(names = "--into", required = true, paramLabel = "FILE", description = "Where to write.")
    private Path into = Path.of("benchmarks.json");

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CollectBenchmarks()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Map<String, String> environment = new TreeMap<>(notes);
        environment.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        environment.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        environment.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        environment.put(
                "finished", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        Results results = new Results(environment, List.of(), List.of());
        for (Path file : files) {
            results = results.and(Results.read(file));
        }
        for (Path file : jmhFiles) {
            results = results.and(Results.ofPoints(JmhFile.read(file)));
        }
        results.write(into);
        return 0;
    }
}
