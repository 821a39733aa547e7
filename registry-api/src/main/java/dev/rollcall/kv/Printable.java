package dev.rollcall.kv;

/** Makes text of unknown origin safe to show in a message: escapes control characters, characters that change direction and invisible ones. */
final class Printable {
    private static final int SHOWN = 120;

    private Printable() {}

    /** {@code text}, escaped and short. */
    static String text(String text) {
        return text.length() <= SHOWN
                ? line(text)
                : line(text.substring(0, SHOWN)) + "… (" + text.length() + " characters)";
    }

    /** {@code text}, escaped and whole; the very object if there is nothing to escape. */
    static String line(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHidden(text.charAt(i))) {
                return escaped(text);
            }
        }
        return text;
    }

    private static String escaped(String text) {
        StringBuilder shown = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isHidden(c)) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }

    private static boolean isHidden(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> c >= 0xFFF0;
        };
    }
}
