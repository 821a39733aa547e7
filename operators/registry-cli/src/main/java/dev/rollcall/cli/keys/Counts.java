package dev.rollcall.cli.keys;

/** Numbers of entries in words. */
final class Counts {
    private Counts() {}

    static String entries(long count) {
        return count == 1 ? "1 entry" : count + " entries";
    }
}
