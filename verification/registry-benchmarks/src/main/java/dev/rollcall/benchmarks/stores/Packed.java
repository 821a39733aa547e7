package dev.rollcall.benchmarks.stores;

import java.util.concurrent.CompletableFuture;

/**
 * Not a rival but a limit: a raw client that puts many operations into each request, as nobody can who does not know all of them in advance.
 * Keys are numbered as those of the {@link Contender} that it belongs to.
 */
interface Packed {
    /** What it is called in the report. */
    String NAME = "packed";

    /** How many operations a request carries. */
    int SIZE = 100;

    /** How many requests are under way at a time. */
    int IN_FLIGHT = 2;

    /** Reads {@link #SIZE} keys, from number {@code first}. */
    CompletableFuture<?> get(int first);

    /** Writes {@link #SIZE} keys that exist, from number {@code first}. */
    CompletableFuture<?> put(int first, byte[] value);
}
