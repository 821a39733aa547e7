package dev.rollcall.tck;

import dev.rollcall.tck.history.FailureFiles;
import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.Judge;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.history.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Stores a history with a violation, and the smallest part of it that still has one, as JSON and as a page. */
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
        Duration limit =
                Duration.ofNanos((long) (SHRINKING.toNanos() * kit.settings().timeScale()));
        return System.lineSeparator() + "  "
                + new FailureFiles(directory, name).write(history, verdict, judge, limit) + " Run again with -D"
                + KitSettings.SEED + "=" + kit.settings().seed() + ".";
    }
}
