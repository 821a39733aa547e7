package dev.rollcall.examples.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** What leaders have written, in the order of the store's revisions. */
final class Assignments implements WatchListener {
    private final NavigableMap<Long, Long> terms = new ConcurrentSkipListMap<>();

    void follow(KvBackend store) {
        store.watch(JobBoard.WORK, WatchStart.snapshot(), this);
    }

    @Override
    public void onSignal(WatchSignal signal) {
        if (signal instanceof Snapshot snapshot) {
            snapshot.entries().forEach(this::note);
        } else if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                if (change instanceof Change.Put put) {
                    note(put.entry());
                }
            }
        }
    }

    private void note(KeyValue entry) {
        Job job = JobBoard.CODEC.decode(entry.value());
        if (job != null && job.state() == Job.State.ASSIGNED) {
            terms.put(entry.revision(), job.term());
        }
    }

    @Override
    public void onEnd(@Nullable KvException cause) {}

    /** No leader has written after a later one had begun to. */
    void wereMadeByOneLeaderAfterTheOther() {
        assertThat(List.copyOf(terms.values()))
                .as("terms of the assignments, in the order of their revisions")
                .isSorted();
        assertThat(terms.values().stream().distinct().count()).isGreaterThan(1);
    }
}
