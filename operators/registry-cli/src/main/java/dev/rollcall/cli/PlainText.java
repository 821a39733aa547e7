package dev.rollcall.cli;

/** Text from a store, made harmless for a terminal. */
public final class PlainText {
    private PlainText() {}

    /** {@code text} on one line: what moves the cursor, changes direction or cannot be seen is escaped. */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE,
                        Character.UNASSIGNED -> shown.append(String.format("\\u%04x", c));
                default -> shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    /** What a failure says, on one line, harmless and with a full stop. */
    static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return sentence(message == null ? failure.toString() : message);
    }

    /** {@code text} on one line, harmless and with one full stop. */
    static String sentence(String text) {
        String line = of(text.strip().replaceAll("\\s*\\R\\s*", " "));
        return line.endsWith(".") ? line : line + ".";
    }
}
