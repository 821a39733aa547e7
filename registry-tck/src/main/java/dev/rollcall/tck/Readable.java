package dev.rollcall.tck;

/** Makes text that the kit shows readable on any terminal: keys of all characters come up in findings. */
final class Readable {
    private Readable() {}

    /** {@code text} with everything but ASCII, line ends and the kit's own typography as {@code \\uXXXX}. */
    static String text(String text) {
        if (text.chars().allMatch(Readable::isPlain)) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 64);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPlain(c)) {
                shown.append(c);
            } else {
                shown.append(String.format("\\u%04x", (int) c));
            }
        }
        return shown.toString();
    }

    private static boolean isPlain(int c) {
        return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t' || c == '\u2026';
    }
}
