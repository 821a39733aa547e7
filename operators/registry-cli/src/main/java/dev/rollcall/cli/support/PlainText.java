package dev.rollcall.cli.support;

import dev.rollcall.kv.KvException;
import java.util.HexFormat;
import java.util.Map;

/** Text from a store, made harmless for a terminal. */
public final class PlainText {
    /** What those operations are called here that the library names after its methods. */
    private static final Map<String, String> OPERATIONS = Map.of(
            "updateNode", "update", "removeNode", "remove", "grantLease", "lease grant", "revokeLease", "lease revoke");

    private PlainText() {}

    /** {@code text} on one line: what moves the cursor, changes direction or cannot be seen is escaped. */
    public static String of(String text) {
        return escaped(text, false);
    }

    private static String escaped(String text, boolean tabs) {
        StringBuilder shown = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isHidden(c) && !(tabs && c == '\t')) {
                for (char unit : Character.toChars(c)) {
                    shown.append("\\u").append(HexFormat.of().toHexDigits(unit));
                }
            } else {
                shown.appendCodePoint(c);
            }
        }
        return shown.toString();
    }

    private static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    /** A JSON document on one line: but for tabs, which can only stand between its parts, what is hidden can only stand in its strings, where an escape means the same. */
    public static String json(String document) {
        return escaped(document, true);
    }

    /** What a failure says, on one line, harmless and with a full stop. */
    public static String sentence(Throwable failure) {
        String message = failure.getMessage();
        if (message == null) {
            return sentence(failure.toString());
        }
        String operation = failure instanceof KvException kv ? kv.operation() : "";
        String name = OPERATIONS.get(operation);
        return sentence(
                name != null && message.startsWith(operation) ? name + message.substring(operation.length()) : message);
    }

    /** {@code text} on one line, harmless and with one full stop, or its question mark. */
    public static String sentence(String text) {
        String line = of(text.strip().replaceAll("\\s*\\R\\s*", " "));
        return line.endsWith(".") || line.endsWith("?") ? line : line + ".";
    }
}
