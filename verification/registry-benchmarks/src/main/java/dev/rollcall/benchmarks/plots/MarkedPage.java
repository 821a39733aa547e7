package dev.rollcall.benchmarks.plots;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Markdown page with a place that a program fills. */
final class MarkedPage {
    private static final String BEGIN = "<!-- figures: begin -->\n";
    private static final String END = "<!-- figures: end -->\n";

    private final Path file;

    MarkedPage(Path file) {
        this.file = file;
    }

    /** Puts {@code text} into the place, instead of what is there. */
    void fill(String text) throws IOException {
        String page = Files.readString(file);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(file + " has no place for figures: it needs a line \"" + BEGIN.trim()
                    + "\" and after it a line \"" + END.trim() + "\".");
        }
        Files.writeString(file, page.substring(0, begin + BEGIN.length()) + "\n" + text + "\n" + page.substring(end));
    }
}
