package dev.rollcall.kv;

/** The one rule book for path text, shared by {@link Key} and {@link Directory}. */
final class Paths {
    private Paths() {}

    /**
     * Checks that {@code path} is an absolute path of non-empty segments.
     *
     * <p>The refused characters are the union of what the supported stores refuse or mangle; ZooKeeper's {@code PathUtils} is the
     * strictest. Without surrogates, the order of Java strings is the order of their UTF-8 bytes.
     *
     * @throws IllegalArgumentException naming the path, the rule and the position
     */
    static void check(String what, String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            throw refused(what, path, "it must start with '/'");
        }
        int segmentStart = 1;
        for (int i = 1; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/') {
                checkSegment(what, path, segmentStart, i);
                segmentStart = i + 1;
            } else if (isRefused(c)) {
                throw refused(
                        what,
                        path,
                        String.format(
                                "character U+%04X at index %d is not allowed (control characters, surrogates, private use and"
                                        + " U+FFF0-FFFF are refused)",
                                (int) c, i));
            }
        }
        checkSegment(what, path, segmentStart, path.length());
        int utf8Bytes = utf8Length(path);
        if (utf8Bytes > Limits.MAX_KEY_BYTES) {
            throw refused(
                    what,
                    path,
                    "it takes " + utf8Bytes + " bytes of UTF-8, more than the limit of " + Limits.MAX_KEY_BYTES);
        }
    }

    /** The number of UTF-8 bytes of a path without surrogates. */
    static int utf8Length(String path) {
        int bytes = 0;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        }
        return bytes;
    }

    private static void checkSegment(String what, String path, int from, int to) {
        if (from == to) {
            throw refused(
                    what,
                    path,
                    to == path.length() ? "it must not end with '/'" : "the segment at index " + from + " is empty");
        }
        if (path.charAt(from) == '.' && (to - from == 1 || (to - from == 2 && path.charAt(from + 1) == '.'))) {
            throw refused(what, path, "'.' and '..' are not allowed as segments");
        }
    }

    private static boolean isRefused(char c) {
        return c <= 0x1F || (c >= 0x7F && c <= 0x9F) || (c >= 0xD800 && c <= 0xF8FF) || c >= 0xFFF0;
    }

    private static IllegalArgumentException refused(String what, String path, String rule) {
        return new IllegalArgumentException("Not a " + what + ": '" + Printable.text(path) + "': " + rule + ".");
    }
}
