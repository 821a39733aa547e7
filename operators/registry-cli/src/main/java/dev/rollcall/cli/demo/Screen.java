package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.Style;
import dev.rollcall.cli.support.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo is shown. On a terminal, a table that is updated in place with the latest events below it; elsewhere one line for each event.
 */
final class Screen implements AutoCloseable {
    /* Concurrency: every method is synchronized; the table is asked for while the lock is held, and must not call back. */
    private static final int EVENTS = 10;

    /** The shortest time between two pictures: faster ones cannot be read, and cost more than the demo itself. */
    private static final long PICTURE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** How often the terminal is asked for its size; each time starts a process. */
    private static final long SIZE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final PrintWriter out;
    private final Supplier<List<List<String>>> rows;
    private final List<String> header;
    private final @Nullable Terminal terminal;
    private final @Nullable Display display;
    private final Deque<String> events = new ArrayDeque<>();
    private final List<String> scenes = new ArrayList<>();
    private Size size = Size.of(0, 0);
    private long drawn;
    private long sized;

    private Screen(
            PrintWriter out, List<String> header, Supplier<List<List<String>>> rows, @Nullable Terminal terminal) {
        this.out = out;
        this.header = header;
        this.rows = rows;
        this.terminal = terminal;
        this.display = terminal == null ? null : new Display(terminal, false);
    }

    /** The terminal if there is one and {@code live} allows it, else {@code out}. */
    static Screen open(PrintWriter out, boolean live, List<String> header, Supplier<List<List<String>>> rows) {
        return on(live ? terminal() : null, out, header, rows);
    }

    /** This terminal, which is closed with the screen, or {@code out} if it is null. */
    static Screen on(
            @Nullable Terminal terminal, PrintWriter out, List<String> header, Supplier<List<List<String>>> rows) {
        return new Screen(out, header, rows, terminal);
    }

    private static @Nullable Terminal terminal() {
        try {
            Terminal terminal = TerminalBuilder.builder()
                    .system(true)
                    .dumb(true)
                    .provider("exec")
                    .nativeSignals(false)
                    .build();
            boolean usable = !terminal.getType().startsWith(Terminal.TYPE_DUMB)
                    && terminal.getColumns() >= 40
                    && terminal.getRows() >= 12;
            if (usable) {
                return terminal;
            }
            terminal.close();
            return null;
        } catch (IOException | IllegalStateException e) {
            return null;
        }
    }

    boolean isLive() {
        return display != null;
    }

    /** Tells what happens next, which is told again at the end: of the latest lines it would be gone by then. */
    synchronized void scene(String text) {
        if (display == null) {
            event(Style.BOLD.of(text, out));
            return;
        }
        scenes.add(text);
        event(Style.isWanted() ? Style.BOLD.always(text) : text);
    }

    /** Tells something that has happened. */
    synchronized void event(String text) {
        if (display == null) {
            out.println(text);
            out.flush();
            return;
        }
        events.addLast(text);
        if (events.size() > EVENTS) {
            events.removeFirst();
        }
        if (System.nanoTime() - drawn >= PICTURE_NANOS) {
            draw(display);
        }
    }

    /** Shows the table as it is now. */
    synchronized void refresh() {
        if (display != null) {
            draw(display);
        }
    }

    /** Shows the table in its final form, below which the command may go on printing. */
    synchronized void finish() {
        if (display == null) {
            out.println(table(Integer.MAX_VALUE));
            out.flush();
        } else {
            draw(display);
            leave();
        }
    }

    private void draw(Display on) {
        Terminal shown = terminal;
        if (shown == null) {
            return;
        }
        drawn = System.nanoTime();
        if (size.getRows() == 0 || drawn - sized >= SIZE_NANOS) {
            size = shown.getSize();
            sized = drawn;
            on.resize(size);
        }
        List<AttributedString> lines = new ArrayList<>();
        table(size.getRows() - EVENTS - 3).lines().forEach(line -> lines.add(fitting(line)));
        lines.add(AttributedString.EMPTY);
        List<AttributedString> told = new ArrayList<>();
        events.forEach(event -> told.addAll(AttributedString.fromAnsi(event).columnSplitLength(size.getColumns() - 1)));
        lines.addAll(told.subList(Math.max(0, told.size() - EVENTS), told.size()));
        on.update(lines, -1);
        shown.flush();
    }

    private AttributedString fitting(String line) {
        return AttributedString.fromAnsi(line).columnSubSequence(0, size.getColumns() - 1);
    }

    private String table(int most) {
        List<List<String>> all = rows.get();
        List<List<String>> shown = all.size() <= most ? all : all.subList(0, Math.max(1, most));
        String table = Table.of(header, shown, display != null && Style.isWanted());
        return shown.size() == all.size() ? table : table + "\n… and " + (all.size() - shown.size()) + " more";
    }

    private void leave() {
        out.println();
        out.println();
        scenes.forEach(out::println);
        out.flush();
    }

    @Override
    public synchronized void close() {
        if (terminal != null) {
            try {
                terminal.close();
            } catch (IOException e) {
                // Nothing is lost: what was to be shown has been.
                events.clear();
            }
        }
    }
}
