package dev.rollcall.tck;

import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.HistoryJson;
import dev.rollcall.tck.history.Judge;
import dev.rollcall.tck.history.SmallestFailure;
import dev.rollcall.tck.history.Timeline;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.history.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Keeps a history that was found guilty, and the smallest part of it that still is, as JSON and as a page to look at. */
final class HistoryFiles {
    private static final Duration SHRINKING = Duration.ofSeconds(5);

    private final Kit kit;
    private final Path directory;
    private final String name;

    HistoryFiles(Kit kit, Workload workload, String judge) {
        this.kit = kit;
        this.directory = Path.of("target", "conformance", kit.fixture().name(), "histories");
        this.name = workload.name().toLowerCase(Locale.ROOT) + "-" + judge + "-"
                + kit.settings().seed();
    }

    /** Writes four files and returns a sentence that tells where. */
    String write(History history, Verdict verdict, Judge judge) {
        try {
            Files.createDirectories(directory);
            write(name, history, verdict);
            String smallest = name + "-smallest";
            History part = SmallestFailure.of(history, inTime(judge));
            write(smallest, part, judge.judge(part));
            return System.lineSeparator() + "  The smallest failing part is drawn in "
                    + directory.resolve(smallest + ".html") + ", the whole history is in "
                    + directory.resolve(name + ".json") + "; run again with -D" + KitSettings.SEED + "="
                    + kit.settings().seed() + ".";
        } catch (IOException e) {
            throw new UncheckedIOException("The history cannot be written to " + directory + ".", e);
        }
    }

    private void write(String file, History history, Verdict verdict) {
        HistoryJson.write(history, directory.resolve(file + ".json"));
        Timeline.write(history, verdict, directory.resolve(file + ".html"));
    }

    /** A judge that soon finds nothing any more, so that what is smallest by then is taken. */
    private Judge inTime(Judge judge) {
        long end =
                System.nanoTime() + (long) (SHRINKING.toNanos() * kit.settings().timeScale());
        Verdict tooLate = new Verdict(Verdict.Kind.UNDECIDED, List.of(), "there was no more time");
        return history -> System.nanoTime() - end > 0 ? tooLate : judge.judge(history);
    }
}
