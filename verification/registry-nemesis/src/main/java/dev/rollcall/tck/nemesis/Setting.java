package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * The environment of companions.
 *
 * @param handles the handles of the run, which are not theirs to close
 * @param more opens another, which is
 * @param tally counts what they do
 * @param findings is told what is wrong, by any thread
 * @param seed decides what they do
 * @param place below which they have their entries; nobody else writes there
 * @param patience how long an answer may take, far more than any deadline
 */
record Setting(
        List<KvBackend> handles,
        Supplier<KvBackend> more,
        Tally tally,
        RunFindings findings,
        long seed,
        Directory place,
        Duration patience) {
    Setting {
        handles = List.copyOf(handles);
    }

    /** A handle, by a number of any size. */
    KvBackend handle(int number) {
        return handles.get(number % handles.size());
    }
}
