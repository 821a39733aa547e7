package dev.rollcall.benchmarks.plots;

import static java.util.Objects.requireNonNull;

import dev.rollcall.benchmarks.results.Comparison;
import dev.rollcall.benchmarks.results.Point;
import dev.rollcall.benchmarks.results.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jfree.chart.JFreeChart;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that draws what was measured, and writes the tables of the page about it. */
@Command(
        name = "plot",
        mixinStandardHelpOptions = true,
        description = "Draws figures as SVG, and prints them as Markdown tables.")
public final class PlotBenchmarks implements Callable<Integer> {
    private static final Set<String> TIMES = Set.of("k/s", "ms", "s");

    @Parameters(paramLabel = "FILE", description = "What CollectBenchmarks wrote.")
    private Path file = Path.of("benchmarks.json");

    @Option(names = "--images", required = true, paramLabel = "DIRECTORY", description = "Where to put the pictures.")
    private Path images = Path.of("images");

    @Option(
            names = "--page",
            paramLabel = "FILE",
            description = "A Markdown page to put the tables into, instead of printing them.")
    private @Nullable Path page;

    private final StringBuilder pictures = new StringBuilder();

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new PlotBenchmarks()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Results results = Results.read(file);
        Files.createDirectories(images);
        for (String store : List.of("etcd", "zookeeper")) {
            gains(results, store, "speed", row -> TIMES.contains(row.unit()));
            gains(results, store, "cost", row -> !TIMES.contains(row.unit()));
        }
        growth(results, "in-memory", "The in-memory store", "keys", "InMemoryBenchmark.");
        growth(results, "view", "A view", "nodes", "NodeViewBenchmark.");
        String figures = ResultTables.of(results) + pictures;
        if (page == null) {
            System.out.print(figures);
        } else {
            new MarkedPage(page).fill(figures);
        }
        return 0;
    }

    private void gains(Results results, String store, String what, Predicate<Comparison> which) throws IOException {
        List<Comparison> rows = results.comparisons().stream()
                .filter(row -> row.store().equals(store) && which.test(row))
                .toList();
        if (!rows.isEmpty()) {
            String title = ResultTables.heading(store) + ": " + what + " beside raw clients";
            GainPlot plot = new GainPlot(title, rows);
            draw(plot.chart(), plot.height(), title, "benchmarks-" + store + "-" + what + ".svg");
        }
    }

    private void growth(Results results, String name, String title, String entries, String prefix) throws IOException {
        List<Point> points = results.points().stream()
                .filter(point -> point.name().startsWith(prefix)
                        && point.unit().endsWith("/op")
                        && !point.unit().startsWith("B"))
                .toList();
        if (!points.isEmpty()) {
            String whole = title + ": time of a call";
            GrowthPlot plot = new GrowthPlot(whole, entries, prefix, points);
            draw(plot.chart(), GrowthPlot.HEIGHT, whole, "benchmarks-growth-" + name + ".svg");
        }
    }

    private void draw(JFreeChart chart, int height, String title, String name) throws IOException {
        Svg.write(chart, height, images.resolve(name));
        Path from = page == null
                ? Path.of("").toAbsolutePath()
                : page.toAbsolutePath().getParent();
        String link = requireNonNull(from).relativize(images.toAbsolutePath()) + "/" + name;
        pictures.append("\n![").append(title).append("](").append(link).append(")\n");
    }
}
