package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.Progress;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import java.util.List;

/** Deletes many entries, the deepest and last first, in transactions of as many as one may have. */
final class Deletion {
    private final KvBackend backend;
    private final Output output;

    Deletion(KvBackend backend, Output output) {
        this.backend = backend;
        this.output = output;
    }

    /** Deletes all of {@code keys}, sorted. If that fails half-way, says how far it came and fails. */
    void delete(List<Key> keys) throws InterruptedException {
        int left = keys.size();
        try (Progress progress = new Progress(output.err(), "entries deleted", keys.size())) {
            while (left > 0) {
                Txn.Builder txn = Txn.builder();
                int from = Math.max(0, left - Limits.MAX_TXN_WRITES);
                for (int i = left - 1; i >= from; i--) {
                    txn.delete(keys.get(i));
                }
                Futures.await(backend.commit(txn.build()));
                left = from;
                progress.at(keys.size() - left);
            }
        } catch (KvException e) {
            output.say((keys.size() - left) + " of " + keys.size() + " entries were deleted before this failed");
            throw e;
        }
    }
}
