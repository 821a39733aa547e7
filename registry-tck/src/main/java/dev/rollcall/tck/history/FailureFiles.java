package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Stores a history with a violation, and the smallest part of it that still has one, as JSON and as a page. */
public final class FailureFiles {
    private final Path directory;
    private final String name;

    /** Files in a directory, which is made if needed, whose names begin with {@code name}. */
    public FailureFiles(Path directory, String name) {
        this.directory = requireNonNull(directory, "directory");
        this.name = requireNonNull(name, "name");
    }

    /**
     * Writes four files and returns a sentence that tells where.
     *
     * @param limit how long to look for a smaller part
     */
    public String write(History history, Verdict verdict, Judge judge, Duration limit) {
        try {
            Files.createDirectories(directory);
            write(name, history, verdict);
            String smallest = name + "-smallest";
            History part = SmallestFailure.of(history, within(judge, limit));
            write(smallest, part, judge.judge(part));
            return "The smallest failing part is drawn in " + directory.resolve(smallest + ".html")
                    + ", the whole history is in " + directory.resolve(name + ".json") + ".";
        } catch (IOException e) {
            throw new UncheckedIOException("The history cannot be written to " + directory + ".", e);
        }
    }

    private void write(String file, History history, Verdict verdict) {
        HistoryJson.write(history, directory.resolve(file + ".json"));
        Timeline.write(history, verdict, directory.resolve(file + ".html"));
    }

    /** A judge that soon finds nothing any more, so that what is smallest by then is taken. */
    private static Judge within(Judge judge, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        Verdict tooLate = new Verdict(Verdict.Kind.UNDECIDED, List.of(), "there was no more time");
        return history -> System.nanoTime() - end > 0 ? tooLate : judge.judge(history);
    }
}
