package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Printable;

/** Names that become one segment of a key; refused by the same rules, in words about the name and not about the key. */
final class Segments {
    private Segments() {}

    /**
     * Refuses what cannot be a segment.
     *
     * @param what what the name is of, for the message
     */
    static void check(String what, String name) {
        requireNonNull(name, what);
        if (name.isEmpty()) {
            throw refused(what, name, "it must not be empty");
        }
        if (name.equals(".") || name.equals("..")) {
            throw refused(what, name, "'.' and '..' are not allowed");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '/') {
                throw refused(what, name, "it must not contain '/'");
            }
            if (Character.isISOControl(c) || (c >= 0xD800 && c <= 0xF8FF) || c >= 0xFFF0) {
                throw refused(
                        what,
                        name,
                        String.format(
                                "character U+%04X at index %d is not allowed (control characters, surrogates, private use and"
                                        + " U+FFF0-FFFF are refused)",
                                (int) c, i));
            }
        }
    }

    static IllegalArgumentException refused(String what, String name, String rule) {
        return new IllegalArgumentException("Not a " + what + ": '" + Printable.text(name) + "': " + rule + ".");
    }
}
