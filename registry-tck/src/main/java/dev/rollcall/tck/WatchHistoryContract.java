package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Every revision, where the store can; elsewhere that it is refused. */
public interface WatchHistoryContract extends Contract {
    @Test
    @Rule({"WATCH-16", "ERR-4"})
    @Requires(Capability.HISTORY)
    default void historyIsReplayedRevisionByRevisionAndThenFollowed(Kit kit) {
        KvBackend backend = kit.backend();
        long start = kit.put(kit.key("k"), "0");
        List<Long> expected = new ArrayList<>();
        expected.add(kit.put(kit.key("k"), "1"));
        expected.add(kit.put(kit.key("k"), "2"));
        kit.put(Key.of("/beside"), "x");
        expected.add(kit.delete(kit.key("k")));
        expected.add(kit.put(kit.key("k"), "3"));
        expected.add(kit.await(backend.commit(Txn.builder()
                        .put(kit.key("l"), Bytes.EMPTY)
                        .delete(kit.key("k"))
                        .build()))
                .revision());
        RecordingListener listener = kit.watch(kit.open(), kit.dir(), WatchStart.history(start));
        for (int i = 0; i < 20; i++) {
            expected.add(kit.put(kit.key("live"), "v" + i));
        }
        kit.eventually(
                "WATCH-16",
                "one signal for each of the revisions " + expected,
                () -> listener.signals().size() >= expected.size());
        kit.proves("WATCH-16");
        assertThat(listener.signals()).extracting(WatchSignal::revision).isEqualTo(expected);
        assertThat(listener.changes())
                .extracting(change ->
                        change instanceof Change.Put put ? put.entry().value().utf8() : "deleted")
                .startsWith("1", "2", "deleted", "3", "deleted", "", "v0", "v1");
    }

    @Test
    @Rule("WATCH-16")
    @Requires(Capability.HISTORY)
    default void listenerThatBlocksLosesNoRevision(Kit kit) {
        KvBackend backend = kit.backend();
        long start = kit.put(kit.key("k"), "0");
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.history(start), (self, signal) -> {
            if (first.getAndSet(false)) {
                Latches.await(release);
            }
        });
        List<Long> expected = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                expected.add(kit.put(kit.key("k"), "v" + i));
            }
        } finally {
            release.countDown();
        }
        kit.eventually(
                "WATCH-16",
                "every revision is delivered",
                () -> listener.signals().size() >= expected.size());
        assertThat(listener.signals()).extracting(WatchSignal::revision).isEqualTo(expected);
    }

    @Test
    @Rule({"WATCH-16", "WATCH-3"})
    @Requires(Capability.HISTORY)
    @Needs(Hook.CUT)
    default void historyHasNoHoleAndNoRepeatAfterCuts(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        long start = kit.put(writer, kit.key("k"), "start");
        RecordingListener listener = kit.watch(observer, kit.dir(), WatchStart.history(start));
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            if (i % 20 == 5) {
                kit.store().cut(kit.handle(observer));
            } else if (i % 20 == 12) {
                kit.store().heal(kit.handle(observer));
            }
            expected.add(kit.put(writer, kit.key("k" + i % 7), "v" + i));
        }
        kit.store().heal(kit.handle(observer));
        kit.eventually(
                "WATCH-16",
                "every revision is delivered after the cuts",
                () -> listener.signals().size() >= expected.size());
        kit.proves("WATCH-16");
        assertThat(listener.signals()).extracting(WatchSignal::revision).isEqualTo(expected);
    }

    @Test
    @Rule("WATCH-17")
    @Requires(Capability.HISTORY)
    @Needs(Hook.COMPACT)
    default void historyOfACompactedRevisionEndsTheWatch(Kit kit) {
        KvBackend backend = kit.backend();
        long old = kit.put(kit.key("k"), "1");
        kit.put(kit.key("k"), "2");
        kit.put(kit.key("k"), "3");
        kit.store().compact();
        kit.put(kit.key("k"), "4");
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.history(old));
        assertThat(kit.awaitEnd(listener))
                .as("the end of a history watch that is owed a compacted revision")
                .isInstanceOf(HistoryUnavailableException.class);
        assertThat(listener.signals()).isEmpty();
        long now = kit.await(backend.list(kit.dir())).revision();
        RecordingListener fresh = kit.watch(backend, kit.dir(), WatchStart.history(now));
        long next = kit.put(kit.key("k"), "5");
        kit.eventually(
                "WATCH-16",
                "a history watch after the present revision works",
                () -> !fresh.signals().isEmpty());
        assertThat(fresh.signals().get(0).revision()).isEqualTo(next);
    }

    @Test
    @Rule("WATCH-17")
    @Requires(Capability.HISTORY)
    @Needs({Hook.CUT, Hook.COMPACT})
    default void compactionDuringACutEndsAHistoryWatch(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        long start = kit.put(writer, kit.key("k"), "start");
        RecordingListener listener = kit.watch(observer, kit.dir(), WatchStart.history(start));
        kit.put(writer, kit.key("k"), "seen");
        kit.awaitHeld(listener, kit.key("k"), "seen");
        kit.store().cut(kit.handle(observer));
        kit.put(writer, kit.key("k"), "missed");
        kit.put(writer, kit.key("k"), "missed too");
        kit.store().compact();
        kit.put(writer, kit.key("k"), "kept");
        kit.store().heal(kit.handle(observer));
        assertThat(kit.awaitEnd(listener)).isInstanceOf(HistoryUnavailableException.class);
        assertThat(listener.signals()).as("what came before the end").hasSize(1);
    }
}
