package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** That what an observer holds is always a state which the store really had, also when connections break. */
public interface WatchCutContract extends Contract {
    /** If this fails: changes of one revision are split, or a snapshot is read without pinning its revision. */
    @Test
    @Rule({"WATCH-2", "WATCH-3"})
    default void everySignalIsACutWhileOthersWrite(Kit kit) {
        List<KvBackend> writers = List.of(kit.backend(), kit.open());
        KvBackend observer = kit.open();
        WriteLog log = new WriteLog();
        List<RecordingListener> listeners = new ArrayList<>();
        listeners.add(kit.watching(observer));
        listeners.add(kit.watch(observer, kit.dir().directory("d1"), WatchStart.snapshot()));
        long seed = kit.random().nextLong();
        Crowd.of(3).run(worker -> {
            if (worker == 2) {
                // Some begin in the middle of it.
                for (int i = 0; i < 10; i++) {
                    listeners.add(kit.watching(observer));
                }
                return;
            }
            Random random = new Random(seed + worker);
            for (int i = 0; i < 200; i++) {
                kit.commit(writers.get(worker), randomTxn(kit, random, worker + "/" + i), log);
            }
        });
        listeners.forEach(listener -> kit.converge(listener, observer));
        listeners.forEach(log::judge);
    }

    /** Writes keys of both workers; at least one put, so that the transaction has a revision of its own. */
    private static Txn randomTxn(Kit kit, Random random, String value) {
        Txn.Builder txn = Txn.builder().put(kit.key("d" + random.nextInt(3) + "/always"), Bytes.ofUtf8(value));
        for (int k = 0; k < 4; k++) {
            Key key = kit.key("d" + k % 3 + "/k" + k + "-" + random.nextInt(5));
            if (random.nextInt(3) == 0) {
                txn.delete(key);
            } else if (random.nextBoolean()) {
                txn.put(key, Bytes.ofUtf8(value));
            }
        }
        return txn.build();
    }

    @Test
    @Rule("WATCH-2")
    default void watchesOfTheSameDirectoryHoldTheSameAtTheSameRevision(Kit kit) {
        KvBackend backend = kit.backend();
        List<RecordingListener> listeners = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            listeners.add(kit.watching(backend));
        }
        WriteLog log = new WriteLog();
        Random random = kit.random();
        for (int i = 0; i < 100; i++) {
            kit.commit(backend, randomTxn(kit, random, "v" + i), log);
        }
        for (RecordingListener listener : listeners) {
            kit.converge(listener, backend);
            log.judge(listener);
        }
    }

    @Test
    @Rule({"WATCH-3", "WATCH-6", "WATCH-11"})
    @Needs(Hook.CUT)
    default void watchGoesOnAfterACutWithoutAGapOrARepeat(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        kit.put(writer, kit.key("kept"), "1");
        kit.put(writer, kit.key("changed"), "1");
        kit.put(writer, kit.key("deleted"), "1");
        RecordingListener listener = kit.watching(observer);
        kit.store().cut(kit.handle(observer));
        kit.put(writer, kit.key("changed"), "2");
        kit.await(writer.delete(kit.key("deleted")));
        kit.put(writer, kit.key("new"), "1");
        kit.put(writer, kit.key("short-lived"), "1");
        kit.await(writer.delete(kit.key("short-lived")));
        kit.store().heal(kit.handle(observer));
        kit.converge(listener, writer);
        kit.put(writer, kit.key("changed"), "3");
        kit.awaitHeld(listener, kit.key("changed"), "3");
    }

    @Test
    @Rule({"WATCH-2", "WATCH-3", "WATCH-11", "LIFE-8"})
    @Needs(Hook.CUT)
    default void manyCutsDuringManyWritesLeaveEveryCutExact(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        WriteLog log = new WriteLog();
        List<RecordingListener> listeners = new ArrayList<>();
        listeners.add(kit.watching(observer));
        listeners.add(kit.watch(observer, kit.dir().directory("d1"), WatchStart.snapshot()));
        Random random = new Random(kit.random().nextLong());
        AtomicBoolean healed = new AtomicBoolean();
        Crowd.of(2).runUntilFirstEnds(worker -> {
            if (worker == 0) {
                // However quick the store is: until it has been cut, and something was written after that.
                for (int i = 0; i < 600 || !healed.get(); i++) {
                    kit.commit(writer, randomTxn(kit, random, "v" + i), log);
                }
                kit.commit(
                        writer, Txn.builder().put(kit.key("end"), Bytes.EMPTY).build(), log);
                return;
            }
            kit.store().cut(kit.handle(observer));
            kit.put(writer, Key.of("/beside"), "cut");
            kit.store().heal(kit.handle(observer));
            kit.put(writer, Key.of("/beside"), "healed");
            healed.set(true);
        });
        listeners.forEach(listener -> kit.converge(listener, writer));
        listeners.forEach(log::judge);
    }

    @Test
    @Rule({"WATCH-6", "WATCH-7", "WATCH-11"})
    @Needs(Hook.CUT)
    default void watchThatIsCutAsItBeginsLosesNothing(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        for (int round = 0; round < 10; round++) {
            kit.put(writer, kit.key("k"), "before " + round);
            FaultSteps.awaitReachable(kit, observer);
            Cut list = kit.list(observer, kit.dir());
            kit.put(writer, kit.key("pending-" + round), "1");
            RecordingListener fresh = kit.watch(observer, kit.dir(), WatchStart.snapshot());
            RecordingListener after = kit.watch(observer, kit.dir(), WatchStart.after(list.revision()));
            kit.store().cut(kit.handle(observer));
            kit.put(writer, kit.key("k"), "meanwhile " + round);
            kit.store().heal(kit.handle(observer));
            kit.put(writer, kit.key("k"), "after " + round);
            kit.converge(fresh, writer);
            Cut truth = kit.list(writer, kit.dir());
            kit.eventually("WATCH-6", "a watch after a revision catches up after a cut, or says that it cannot", () -> {
                Cut held = after.heldFrom(list);
                return after.hasEnded() || held.entries().equals(truth.entries());
            });
            if (after.hasEnded()) {
                kit.proves("WATCH-6");
                assertThat(after.cause()).isInstanceOf(HistoryUnavailableException.class);
            }
            fresh.close();
            after.close();
        }
    }

    @Test
    @Rule({"WATCH-3", "WATCH-8"})
    @Needs(Hook.CUT)
    default void idleWatchIsToldNothingOldAfterACut(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        Directory idle = kit.dir().directory("idle");
        kit.put(writer, idle.key("k"), "old");
        long revision = kit.await(observer.list(idle)).revision();
        RecordingListener listener = kit.watch(observer, idle, WatchStart.after(revision));
        RecordingListener fresh = kit.watch(observer, idle, WatchStart.snapshot());
        kit.eventually("WATCH-1", "the snapshot comes", () -> fresh.revision() >= 0);
        for (int i = 0; i < 5; i++) {
            kit.store().cut(kit.handle(observer));
            kit.put(writer, kit.key("busy/k"), "v" + i);
            kit.store().heal(kit.handle(observer));
            FaultSteps.awaitReachable(kit, observer);
        }
        long written = kit.put(writer, idle.key("k"), "new");
        kit.awaitHeld(fresh, idle.key("k"), "new");
        kit.awaitHeld(listener, idle.key("k"), "new");
        kit.proves("WATCH-3");
        assertThat(listener.changes())
                .as("what a watch of an idle directory has been told")
                .singleElement()
                .satisfies(change -> assertThat(change.revision()).isEqualTo(written));
    }

    /** If this fails: after a compaction the watch resumes at the oldest revision that is left, and the gap goes unnoticed. */
    @Test
    @Rule({"WATCH-6", "WATCH-11"})
    @Needs({Hook.CUT, Hook.COMPACT})
    default void compactionDuringACutBringsAFreshSnapshot(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        kit.put(writer, kit.key("deleted"), "1");
        kit.put(writer, kit.key("changed"), "1");
        RecordingListener fresh = kit.watching(observer);
        long revision = kit.await(observer.list(kit.dir())).revision();
        RecordingListener after = kit.watch(observer, kit.dir(), WatchStart.after(revision));
        kit.store().cut(kit.handle(observer));
        kit.await(writer.delete(kit.key("deleted")));
        kit.put(writer, kit.key("changed"), "2");
        kit.put(writer, kit.key("new"), "1");
        kit.store().compact();
        kit.store().heal(kit.handle(observer));
        kit.eventually(
                "WATCH-6",
                "a watch from a snapshot gets a fresh one for what was compacted",
                () -> fresh.held(kit.key("new")).isPresent());
        kit.converge(fresh, writer);
        kit.eventually(
                "WATCH-6",
                "a watch after a revision shows all of what was compacted, or ends with HistoryUnavailableException",
                () -> after.hasEnded()
                        || (after.held(kit.key("new")).isPresent()
                                && after.changes().stream()
                                        .anyMatch(change -> change.key().equals(kit.key("deleted")))));
        if (after.hasEnded()) {
            kit.proves("WATCH-6");
            assertThat(after.cause()).isInstanceOf(HistoryUnavailableException.class);
        }
        kit.put(writer, kit.key("changed"), "3");
        kit.awaitHeld(fresh, kit.key("changed"), "3");
    }

    @Test
    @Rule("WATCH-6")
    @Needs(Hook.COMPACT)
    default void watchAfterACompactedRevisionShowsAllOrEnds(Kit kit) {
        KvBackend writer = kit.backend();
        long old = kit.put(kit.key("deleted"), "1");
        kit.delete(kit.key("deleted"));
        kit.put(kit.key("k"), "2");
        kit.store().compact();
        kit.put(kit.key("k"), "3");
        RecordingListener listener = kit.watch(kit.open(), kit.dir(), WatchStart.after(old));
        kit.eventually(
                "WATCH-6",
                "a watch after a compacted revision delivers the deletion that it owes, or ends",
                () -> listener.hasEnded()
                        || listener.changes().stream()
                                .anyMatch(change -> change.key().equals(kit.key("deleted"))));
        if (listener.hasEnded()) {
            assertThat(listener.cause()).isInstanceOf(HistoryUnavailableException.class);
            assertThat(listener.changes()).as("what came before the end").isEmpty();
        }
        RecordingListener fresh = kit.watching(writer);
        kit.converge(fresh, writer);
    }

    @Test
    @Rule({"WATCH-3", "WATCH-11", "LIFE-8"})
    @Needs(Hook.RESTART)
    default void watchGoesOnAfterTheServerWasKilled(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watching(backend);
        for (int round = 0; round < 2; round++) {
            kit.put(kit.key("k"), "before " + round);
            kit.store().kill();
            kit.store().restart();
            FaultSteps.awaitReachable(kit, backend);
            kit.put(kit.key("k"), "after " + round);
            kit.awaitHeld(listener, kit.key("k"), "after " + round);
        }
        kit.converge(listener, backend);
    }
}
