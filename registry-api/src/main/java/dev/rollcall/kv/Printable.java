package dev.rollcall.kv;

/** Makes text of unknown origin safe to show in a message: escaped and short. */
final class Printable {
    private static final int SHOWN = 120;

    private Printable() {}

    static String text(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), SHOWN) + 16);
        for (int i = 0; i < text.length() && i < SHOWN; i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || Character.isSurrogate(c) || c >= 0xFFF0) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        if (text.length() > SHOWN) {
            shown.append("… (").append(text.length()).append(" characters)");
        }
        return shown.toString();
    }
}
