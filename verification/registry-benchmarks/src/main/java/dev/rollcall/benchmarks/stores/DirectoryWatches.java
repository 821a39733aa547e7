package dev.rollcall.benchmarks.stores;

import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** Directories with one key each, numbered from 0, and a watch on each of them. */
interface DirectoryWatches {
    /** Makes the directories and their keys, in an empty place. */
    void prepare(int count, byte[] value) throws Exception;

    /**
     * Begins to watch each directory.
     *
     * @param opened is told each watch that runs
     * @param seen is told each watch that has shown a new value of its key
     */
    void open(IntConsumer opened, IntConsumer seen) throws Exception;

    /** Writes the key of a directory. */
    CompletableFuture<?> write(int directory, byte[] value);

    /** Ends the watches. */
    void close() throws Exception;
}
