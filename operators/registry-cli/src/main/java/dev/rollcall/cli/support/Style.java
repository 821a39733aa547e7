package dev.rollcall.cli.support;

import java.io.PrintWriter;

/** Colours, where the output is a terminal that has them and NO_COLOR is not set. They only repeat what the text says. */
public enum Style {
    BOLD(1),
    DIM(2),
    RED(31),
    GREEN(32),
    YELLOW(33),
    CYAN(36);

    private static final String ESCAPE = "\u001b[";

    private final int code;

    Style(int code) {
        this.code = code;
    }

    /** {@code text} in this style if {@code out} shows it, else as it is. */
    public String of(String text, PrintWriter out) {
        return isShownOn(out) ? always(text) : text;
    }

    /** {@code text} in this style, for a screen that is known to have colours. */
    public String always(String text) {
        return ESCAPE + code + "m" + text + ESCAPE + "0m";
    }

    /** Whether {@code out} shows colours and their user has nothing against them. */
    public static boolean isShownOn(PrintWriter out) {
        return out instanceof StandardOutput && isWanted() && StandardStreams.isOutputATerminal();
    }

    /** Whether colours are wanted where they can be shown. See https://no-color.org. */
    public static boolean isWanted() {
        String no = System.getenv("NO_COLOR");
        return (no == null || no.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    }
}
