package dev.rollcall.cli.support;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jline.utils.AttributedString;

/** Columns of text, as wide as a terminal shows them: a Chinese character takes two places. */
public final class Table {
    private static final String GAP = "  ";

    private Table() {}

    /** The header and the rows, one a line, without a line break at the end. */
    public static String of(List<String> header, List<List<String>> rows) {
        return of(header, rows, false);
    }

    /** {@link #of(List, List)}, with the header in bold if {@code styled}. */
    public static String of(List<String> header, List<List<String>> rows, boolean styled) {
        int[] widths = IntStream.range(0, header.size())
                .map(column -> Math.max(
                        width(header.get(column)),
                        rows.stream()
                                .mapToInt(row -> width(row.get(column)))
                                .max()
                                .orElse(0)))
                .toArray();
        StringBuilder table =
                new StringBuilder(styled ? Style.BOLD.always(line(header, widths)) : line(header, widths));
        rows.forEach(row -> table.append('\n').append(line(row, widths)));
        return table.toString();
    }

    private static String line(List<String> cells, int[] widths) {
        return IntStream.range(0, cells.size())
                .mapToObj(column -> cells.get(column) + " ".repeat(widths[column] - width(cells.get(column))))
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }

    private static int width(String text) {
        if (text.chars().allMatch(c -> c < 128)) {
            // As nearly always, and the library that knows the others takes its time to load.
            return text.length();
        }
        return new AttributedString(text).columnLength();
    }
}
