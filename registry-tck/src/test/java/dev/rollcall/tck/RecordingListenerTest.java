package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each fault that the listener can find, seen found once. */
class RecordingListenerTest {
    private static final Directory DIR = Directory.of("/d");

    private static RecordingListener listener(WatchStart start) {
        return new RecordingListener(DIR, start, new Bell(), (self, signal) -> {});
    }

    private static Change put(String path, long revision) {
        return new Change.Put(entry(path, revision));
    }

    private static KeyValue entry(String path, long revision) {
        return new KeyValue(Key.of(path), Bytes.EMPTY, revision, false);
    }

    private static Changes changes(long revision, Change... changes) {
        return new Changes(DIR, List.of(changes), revision);
    }

    private static Snapshot snapshot(long revision, KeyValue... entries) {
        return new Snapshot(DIR, List.of(entries), revision);
    }

    private static void finds(String rule, String finding, WatchStart start, WatchSignal... signals) {
        RecordingListener listener = listener(start);
        for (WatchSignal signal : signals) {
            listener.onSignal(signal);
        }
        assertThatThrownBy(listener::verify)
                .isInstanceOfSatisfying(
                        RuleViolation.class, found -> assertThat(found.rule()).isEqualTo(rule))
                .hasMessageContaining(finding);
    }

    @Test
    void goodStreamsAreGood() {
        RecordingListener fresh = listener(WatchStart.snapshot());
        fresh.onSignal(snapshot(5, entry("/d/a", 2), entry("/d/b", 5)));
        fresh.onSignal(changes(8, put("/d/c", 6), put("/d/a", 7), new Change.Delete(Key.of("/d/b"), 7)));
        fresh.onSignal(changes(9));
        fresh.onSignal(snapshot(12, entry("/d/a", 7)));
        fresh.onEnd(null);
        assertThatCode(fresh::verify).doesNotThrowAnyException();
        assertThat(fresh.held().entries()).containsOnlyKeys(Key.of("/d/a"));
        RecordingListener history = listener(WatchStart.history(3));
        history.onSignal(changes(4, put("/d/a", 4), put("/d/b", 4)));
        history.onSignal(changes(6, put("/d/a", 6)));
        assertThatCode(history::verify).doesNotThrowAnyException();
    }

    @Test
    void brokenGrammarIsFound() {
        finds("WATCH-1", "the snapshot must", WatchStart.snapshot(), changes(3, put("/d/a", 3)));
        finds("WATCH-1", "owed changes only", WatchStart.after(1), snapshot(3));
        finds("WATCH-1", "owed changes only", WatchStart.history(1), snapshot(3));
        finds(
                "WATCH-1",
                "came to a watch of /d",
                WatchStart.snapshot(),
                new Snapshot(Directory.of("/e"), List.of(), 1));
    }

    @Test
    void brokenCutsAreFound() {
        finds("WATCH-2", "later than the signal", WatchStart.snapshot(), snapshot(3, entry("/d/a", 4)));
        finds("WATCH-2", "must ascend", WatchStart.snapshot(), snapshot(3, entry("/d/b", 1), entry("/d/a", 1)));
        finds("WATCH-2", "later than the signal", WatchStart.after(1), changes(3, put("/d/a", 4)));
        finds("WATCH-8", "not below /d", WatchStart.snapshot(), snapshot(3, entry("/da", 3)));
        finds("WATCH-8", "not below /d", WatchStart.after(1), changes(3, put("/d", 3)));
    }

    @Test
    void brokenOrderIsFound() {
        finds("WATCH-3", "must not shrink", WatchStart.snapshot(), snapshot(5), snapshot(4));
        finds("WATCH-3", "must not shrink", WatchStart.after(7), changes(9), changes(8));
        finds("WATCH-3", "not newer", WatchStart.after(5), changes(6, put("/d/a", 6)), changes(7, put("/d/b", 5)));
        finds("WATCH-10", "older than the revision after which", WatchStart.after(9), changes(8));
        finds("WATCH-10", "not newer than the revision 5", WatchStart.after(5), changes(6, put("/d/a", 5)));
        finds(
                "WATCH-3",
                "not newer",
                WatchStart.snapshot(),
                snapshot(5),
                changes(7, put("/d/a", 7)),
                changes(8, put("/d/a", 7)));
        finds("WATCH-3", "two changes", WatchStart.after(1), changes(9, put("/d/a", 3), put("/d/a", 4)));
        finds("WATCH-3", "must ascend", WatchStart.after(1), changes(9, put("/d/a", 4), put("/d/b", 3)));
        finds(
                "WATCH-3",
                "takes /d/a back",
                WatchStart.snapshot(),
                snapshot(5, entry("/d/a", 5)),
                snapshot(6, entry("/d/a", 4)));
    }

    @Test
    void mergedHistoryIsFound() {
        finds("WATCH-16", "another revision", WatchStart.history(1), changes(4, put("/d/a", 3), put("/d/b", 4)));
        finds("WATCH-16", "no change", WatchStart.history(1), changes(4));
    }

    @Test
    void whatFollowsTheEndIsFound() {
        RecordingListener twice = listener(WatchStart.snapshot());
        twice.onEnd(null);
        twice.onEnd(null);
        assertThatThrownBy(twice::verify).hasMessageContaining("[WATCH-12]").hasMessageContaining("2 times");
        RecordingListener late = listener(WatchStart.snapshot());
        late.onEnd(null);
        late.onSignal(snapshot(1));
        assertThatThrownBy(late::verify).hasMessageContaining("[WATCH-12]").hasMessageContaining("after the end");
        RecordingListener closed = listener(WatchStart.snapshot());
        closed.started(new Watch() {
            @Override
            public Directory directory() {
                return DIR;
            }

            @Override
            public void close() {}
        });
        closed.close();
        closed.onSignal(snapshot(1));
        assertThatCode(closed::verify).as("one may have been on its way").doesNotThrowAnyException();
        closed.onSignal(snapshot(2));
        assertThatThrownBy(closed::verify).hasMessageContaining("[WATCH-12]").hasMessageContaining("after close()");
    }

    @Test
    void callsThatOverlapAreFound() {
        RecordingListener[] self = new RecordingListener[1];
        self[0] = new RecordingListener(DIR, WatchStart.snapshot(), new Bell(), (listener, signal) -> {
            if (signal.revision() == 1) {
                listener.onSignal(snapshot(2));
            }
        });
        self[0].onSignal(snapshot(1));
        assertThatThrownBy(self[0]::verify).hasMessageContaining("[THREAD-2]");
    }

    @Test
    void cutThatNeverWasIsFound() {
        WriteLog log = new WriteLog();
        Key a = Key.of("/d/a");
        Key b = Key.of("/d/b");
        log.add(3, Txn.builder().put(a, Bytes.EMPTY).put(b, Bytes.EMPTY).build());
        log.add(4, Txn.builder().delete(a).build());
        RecordingListener good = listener(WatchStart.snapshot());
        good.onSignal(snapshot(3, entry("/d/a", 3), entry("/d/b", 3)));
        good.onSignal(changes(5, new Change.Delete(a, 4)));
        log.judge(good);
        RecordingListener torn = listener(WatchStart.snapshot());
        torn.onSignal(snapshot(3, entry("/d/a", 3)));
        assertThatThrownBy(() -> log.judge(torn))
                .hasMessageContaining("[WATCH-2]")
                .hasMessageContaining("/d/b: expected '' at revision 3, found nothing");
        RecordingListener late = listener(WatchStart.snapshot());
        late.onSignal(snapshot(4, entry("/d/a", 3), entry("/d/b", 3)));
        assertThatThrownBy(() -> log.judge(late)).hasMessageContaining("/d/a: expected nothing");
        assertThatThrownBy(() -> log.add(4, Txn.builder().delete(a).build())).hasMessageContaining("[REV-2]");
        log.add(4, Txn.builder().delete(b).build());
        RecordingListener together = listener(WatchStart.snapshot());
        together.onSignal(snapshot(4));
        log.judge(together);
    }
}
