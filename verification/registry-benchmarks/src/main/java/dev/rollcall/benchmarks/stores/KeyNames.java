package dev.rollcall.benchmarks.stores;

/** How keys are called. */
final class KeyNames {
    private KeyNames() {}

    /** The last segment of a key's path; of one length, so that their order is that of the numbers. */
    static String of(int key) {
        return "node-" + (10_000_000 + key);
    }
}
