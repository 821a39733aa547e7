package dev.rollcall.benchmarks.stores;

import java.util.concurrent.CompletableFuture;

/**
 * A client that is measured. Keys are numbered from 0; those of the set-up exist. Futures may complete on any thread.
 */
interface Contender extends AutoCloseable {
    /** What it is called in the report. */
    String name();

    /** Makes the keys from 0 to {@code count}, exclusive, in an empty directory of its own. Does nothing when called again. */
    void fill(int count, byte[] value) throws Exception;

    /** Reads a key. */
    CompletableFuture<?> get(int key);

    /** Writes a key that exists. */
    CompletableFuture<?> put(int key, byte[] value);

    /** Writes a key if nobody has since this contender did; no key is written twice at the same time. */
    CompletableFuture<?> compareAndSet(int key, byte[] value);

    /** Makes a directory of its own with {@code size} entries, to be listed. Does nothing when called again. */
    void fillList(int size, byte[] value) throws Exception;

    /** Reads the whole directory that was made with that size, values included, and tells the number of entries. */
    int list(int size) throws Exception;

    /** Begins to watch the directory of the keys, and returns when the watch runs. */
    Observation observe() throws Exception;

    /** Many directories with a watch each. */
    DirectoryWatches watches();

    @Override
    void close() throws Exception;

    /** A watch that is measured. */
    interface Observation extends AutoCloseable {
        /** Waits until the watch has shown the state after all writes that this contender has made so far. */
        void awaitAll() throws Exception;

        @Override
        void close() throws Exception;
    }
}
