package dev.rollcall.tck;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The signals of a watch without faults. */
public interface WatchContract extends Contract {
    /** How many writes may pass between a list and the watch after its revision. */
    int WRITES_BETWEEN_LIST_AND_WATCH = 1000;

    @Test
    @Rule("WATCH-1")
    default void watchFromASnapshotBeginsWithIt(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("a"), "1");
        kit.put(kit.key("b"), "2");
        Snapshot list = kit.await(backend.list(kit.dir()));
        RecordingListener listener = kit.watching(backend);
        assertThat(listener.signals().get(0)).isInstanceOf(Snapshot.class);
        assertThat(((Snapshot) listener.signals().get(0)).entries()).isEqualTo(list.entries());
        assertThat(listener.signals().get(0).revision())
                .as("the revision of the first snapshot, not older than what was acknowledged before")
                .isGreaterThanOrEqualTo(
                        kit.list(backend, kit.dir()).entry(kit.key("b")).revision());
        assertThat(listener.watch().directory()).isEqualTo(kit.dir());
        kit.fence(listener);
        listener.close();
        assertThat(kit.awaitEnd(listener)).isNull();
        listener.verify();
    }

    @Test
    @Rule("WATCH-1")
    default void watchAfterARevisionDeliversOnlyChanges(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("old"), "1");
        long revision = kit.await(backend.list(kit.dir())).revision();
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.after(revision));
        long written = kit.put(kit.key("new"), "2");
        kit.awaitHeld(listener, kit.key("new"), "2");
        assertThat(listener.changes()).extracting(Change::revision).containsExactly(written);
        listener.close();
        assertThat(kit.awaitEnd(listener)).isNull();
    }

    @Test
    @Rule("WATCH-4")
    default void transactionComesInOneSignal(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("old/1"), "1");
        kit.put(kit.key("old/2"), "1");
        RecordingListener all = kit.watching(backend);
        RecordingListener part = kit.watch(backend, kit.dir().directory("new"), WatchStart.snapshot());
        List<Long> revisions = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            Txn.Builder txn = Txn.builder();
            String from = round % 2 == 0 ? "old/" : "new/";
            String to = round % 2 == 0 ? "new/" : "old/";
            for (int i = 1; i <= 2; i++) {
                txn.delete(kit.key(from + i)).put(kit.key(to + i), Bytes.ofUtf8("round " + round));
            }
            revisions.add(kit.await(backend.commit(txn.build())).revision());
        }
        kit.converge(all, backend);
        kit.converge(part, backend);
        for (RecordingListener listener : List.of(all, part)) {
            for (long revision : revisions) {
                assertThat(listener.signals().stream()
                                .filter(signal -> signal instanceof Changes changes
                                        && changes.changes().stream()
                                                .anyMatch(change -> change.revision() == revision)))
                        .as("the signals that hold changes of the transaction at revision %d", revision)
                        .hasSizeLessThanOrEqualTo(1);
            }
        }
        // After every signal exactly one of the two pairs is there.
        Cut held = Cut.empty(0);
        for (var signal : all.signals()) {
            held = held.after(signal);
            assertThat(held.entries())
                    .as("what the observer holds after %s", signal)
                    .hasSize(2);
        }
    }

    @Test
    @Rule("WATCH-5")
    default void lastStateOfEveryKeyIsDelivered(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watching(backend);
        for (int i = 0; i < 500; i++) {
            Key key = kit.key("k" + kit.random().nextInt(20));
            if (kit.random().nextInt(4) == 0) {
                kit.await(backend.commit(Txn.builder().delete(key).build()));
            } else {
                kit.put(key, "v" + i);
            }
        }
        kit.converge("WATCH-5", listener, backend);
    }

    /** If this fails: states of the directory are compared, and what came and went between two of them differs in neither. */
    @Test
    @Rule("WATCH-5")
    default void keyThatComesAndGoesBetweenTwoSignalsIsToldToBeDeleted(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        kit.put(kit.key("kept"), "1");
        long revision = kit.list(observer, kit.dir()).revision();
        CountDownLatch release = new CountDownLatch(1);
        List<RecordingListener> listeners = new ArrayList<>();
        Map<Key, CompletableFuture<Commit>> deletions = new TreeMap<>();
        try {
            for (WatchStart start : List.of(WatchStart.snapshot(), WatchStart.after(revision))) {
                listeners.add(kit.watch(observer, kit.dir(), start));
                listeners.add(kit.watch(observer, kit.dir(), start, (busy, signal) -> Latches.await(release)));
            }
            kit.put(kit.key("first"), "1");
            kit.eventually(
                    "WATCH-1", "all watches begin", () -> listeners.stream().allMatch(each -> each.revision() >= 0));
            for (int i = 0; i < 50; i++) {
                Key key = kit.key("passing/" + i);
                deletions.put(key, writer.put(key, Bytes.EMPTY).thenCompose(put -> writer.delete(key)));
            }
            deletions.values().forEach(kit::await);
        } finally {
            release.countDown();
        }
        Key fence = kit.key("fence");
        kit.put(fence, "1");
        listeners.forEach(listener ->
                deletions.forEach((key, deleted) -> isToldOrAGap(kit, listener, fence, key, kit.await(deleted))));
    }

    /** Who found a key and waits for it to go, as a registration in conflict does, watches after the revision that it was read at. */
    @Test
    @Rule("WATCH-5")
    default void keyThatWasReadBeforeItWentIsToldToBeDeleted(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend reader = kit.open();
        kit.put(kit.key("kept"), "1");
        kit.list(reader, kit.dir()); // The handle follows the store from here on at the latest.
        Map<Key, RecordingListener> listeners = new ConcurrentHashMap<>();
        Map<Key, CompletableFuture<Commit>> deletions = new TreeMap<>();
        for (int i = 0; i < 20; i++) {
            Key key = kit.key("passing/" + i);
            boolean watchedFirst = i % 2 == 0;
            deletions.put(
                    key,
                    writer.put(key, Bytes.EMPTY)
                            .thenCompose(put -> reader.get(key))
                            .thenCompose(read -> {
                                Runnable watch = () -> listeners.put(
                                        key, kit.watch(reader, kit.dir(), WatchStart.after(read.revision())));
                                if (watchedFirst) {
                                    watch.run();
                                    return writer.delete(key);
                                }
                                return writer.delete(key).whenComplete((deleted, failure) -> watch.run());
                            }));
        }
        deletions.values().forEach(kit::await);
        Key fence = kit.key("fence");
        kit.put(fence, "1");
        deletions.forEach((key, deleted) ->
                isToldOrAGap(kit, requireNonNull(listeners.get(key)), fence, key, kit.await(deleted)));
    }

    /** Waits for the fence, which was put after the deletion, or the end. That the revision is exact is for WATCH-9. */
    private static void isToldOrAGap(Kit kit, RecordingListener listener, Key fence, Key key, Commit deleted) {
        kit.eventually(
                "WATCH-5",
                "the watch delivers " + fence + ", or ends",
                () -> listener.hasEnded() || listener.held(fence).isPresent());
        if (listener.hasEnded()) {
            assertThat(listener.cause()).isInstanceOf(HistoryUnavailableException.class);
            return;
        }
        assertThat(listener.signals())
                .as("the deletion of %s at revision %d, or a snapshot since, in %s", key, deleted.revision(), listener)
                .anyMatch(signal -> signal instanceof Changes changes
                        ? changes.changes().stream()
                                .anyMatch(change -> change instanceof Change.Delete
                                        && change.key().equals(key))
                        : signal.revision() >= deleted.revision());
    }

    @Test
    @Rule("WATCH-8")
    default void nothingBesideTheDirectoryIsDelivered(Kit kit) {
        KvBackend backend = kit.backend();
        Directory directory = kit.dir().directory("a");
        RecordingListener listener = kit.watch(backend, directory, WatchStart.snapshot());
        RecordingListener later = kit.watch(
                backend,
                directory,
                WatchStart.after(kit.await(backend.list(directory)).revision()));
        for (int i = 0; i < 30; i++) {
            kit.put(kit.key("a"), "the directory's own key " + i);
            kit.put(kit.key("ab/" + i), "beside");
            kit.put(kit.key("a/in" + i), "in");
            kit.await(backend.commit(Txn.builder()
                    .put(kit.key("a-" + i), Bytes.EMPTY)
                    .put(kit.key("a/both" + i), Bytes.EMPTY)
                    .delete(kit.key("ab/" + i))
                    .build()));
        }
        kit.fence(listener);
        kit.converge(later, backend);
        for (RecordingListener each : List.of(listener, later)) {
            assertThat(each.changes())
                    .extracting(Change::key)
                    .allSatisfy(key -> assertThat(directory.covers(key))
                            .as("%s lies below %s", key, directory)
                            .isTrue());
        }
    }

    @Test
    @Rule("WATCH-9")
    default void changesCarryTheWholeTruth(Kit kit) {
        KvBackend backend = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(other);
        RecordingListener listener = kit.watching(backend);
        Key key = kit.key("k");
        long created = kit.put(other, key, "1");
        kit.awaitHeld(listener, key, "1");
        assertThat(listener.held(key)).contains(new KeyValue(key, Bytes.ofUtf8("1"), created, false));
        long leased = kit.await(other.put(key, Bytes.ofUtf8("2"), lease)).revision();
        kit.awaitHeld(listener, key, "2");
        assertThat(listener.held(key)).contains(new KeyValue(key, Bytes.ofUtf8("2"), leased, true));
        long updated = kit.await(other.update(key, Bytes.EMPTY)).revision();
        kit.awaitHeld(listener, key, "");
        assertThat(listener.held(key)).contains(new KeyValue(key, Bytes.EMPTY, updated, true));
        long deleted = kit.await(other.delete(key)).revision();
        kit.eventually(
                "WATCH-5",
                "the watch delivers the deletion",
                () -> listener.held(key).isEmpty());
        List<Change> changes = listener.changes();
        assertThat(changes.get(changes.size() - 1)).isEqualTo(new Change.Delete(key, deleted));
    }

    @Test
    @Rule({"WATCH-7", "WATCH-3"})
    default void watchAfterTheRevisionOfAListMissesAndRepeatsNothing(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend reader = kit.open();
        int rounds = kit.sized(100);
        // As busy as a directory can be, but no busier than any backend must bear: what passes between a list and its
        // watch
        // is bounded, or a test thread that is held up would ask a store to remember without end.
        Semaphore writes = new Semaphore(0);
        Crowd.of(3).runUntilFirstEnds(worker -> {
            if (worker > 0) {
                if (!Latches.acquire(writes)) {
                    return;
                }
                Key key = kit.key("w" + worker + "/k" + kit.random().nextInt(10));
                if (kit.random().nextInt(3) == 0) {
                    kit.await(writer.commit(Txn.builder().delete(key).build()));
                } else {
                    kit.put(writer, key, Integer.toString(kit.random().nextInt()));
                }
                return;
            }
            for (int round = 0; round < rounds; round++) {
                writes.drainPermits();
                writes.release(WRITES_BETWEEN_LIST_AND_WATCH);
                Cut list = kit.list(reader, kit.dir());
                RecordingListener listener = kit.watch(reader, kit.dir(), WatchStart.after(list.revision()));
                Key fence = kit.key("fence");
                String value = "round " + round;
                kit.put(writer, fence, value);
                kit.eventually(
                        "WATCH-7",
                        "a watch after a list's revision " + list.revision() + " goes on, and does not end",
                        () -> listener.held(fence)
                                .filter(entry -> entry.value().utf8().equals(value))
                                .isPresent());
                kit.proves("WATCH-7");
                Cut held = listener.heldFrom(list);
                // The list at the signal's revision is not to be had; that at the fence is, up to what came later.
                Cut truth = kit.list(reader, kit.dir());
                for (KeyValue entry : truth.entries().values()) {
                    if (entry.revision() <= held.revision()) {
                        assertThat(held.entries())
                                .as("list at %d and watch after it, at revision %d", list.revision(), held.revision())
                                .containsEntry(entry.key(), entry);
                    }
                }
                listener.close();
            }
        });
    }

    @Test
    @Rule("WATCH-7")
    default void watchAfterARevisionCatchesUpWithWhatWasWrittenBetween(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("kept"), "1");
        kit.put(kit.key("deleted"), "1");
        kit.put(kit.key("changed"), "1");
        Cut list = kit.list(backend, kit.dir());
        kit.delete(kit.key("deleted"));
        kit.put(kit.key("changed"), "2");
        kit.put(kit.key("new"), "1");
        kit.put(kit.key("short-lived"), "1");
        kit.delete(kit.key("short-lived"));
        Cut truth = kit.list(backend, kit.dir());
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.after(list.revision()));
        kit.eventually("WATCH-7", "a watch after a list delivers what was written before it began", () -> {
            Cut held = listener.heldFrom(list);
            return held.entries().equals(truth.entries());
        });
        assertThat(listener.changes()).extracting(change -> change.key().name()).doesNotContain("kept");
    }

    @Test
    @Rule("WATCH-10")
    default void watchAfterAFutureRevisionIsSilentUntilThen(Kit kit) {
        KvBackend backend = kit.backend();
        long now = kit.put(kit.key("k"), "0");
        long future = now + 10;
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.after(future));
        RecordingListener plain = kit.watching(backend);
        long written = now;
        int count = 0;
        while (written <= future) {
            // A key of its own for each write, so that none hides another where signals are merged.
            written = kit.put(kit.key("k" + ++count), "v");
        }
        kit.awaitHeld(plain, kit.key("k" + count), "v");
        kit.awaitHeld(listener, kit.key("k" + count), "v");
        assertThat(listener.changes())
                .extracting(Change::revision)
                .as("the changes of a watch after %d, which the store had not reached", future)
                .allSatisfy(revision -> assertThat(revision).isGreaterThan(future));
    }

    @Test
    @Rule("WATCH-10")
    default void revisionOfAnotherHandleCanBeUsedAtOnce(Kit kit) {
        KvBackend writer = kit.backend();
        for (int i = 0; i < 30; i++) {
            KvBackend watcher = i % 10 == 0 ? kit.open() : writer;
            long revision = kit.put(writer, kit.key("old"), "old " + i);
            RecordingListener listener = kit.watch(watcher, kit.dir(), WatchStart.after(revision));
            kit.put(writer, kit.key("new"), "new " + i);
            kit.awaitHeld(listener, kit.key("new"), "new " + i);
            assertThat(listener.changes())
                    .allSatisfy(change -> assertThat(change.revision()).isGreaterThan(revision));
            listener.close();
        }
    }

    @Test
    @Rule("WATCH-12")
    default void ownersCloseEndsAWatchOnceWithNull(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watching(backend);
        RecordingListener other = kit.watching(backend);
        kit.put(kit.key("k"), "1");
        listener.close();
        long after = kit.put(kit.key("k"), "2");
        listener.close();
        assertThat(kit.awaitEnd(listener))
                .as("the cause, after the owner's close()")
                .isNull();
        kit.awaitHeld(other, kit.key("k"), "2");
        kit.put(kit.key("k"), "3");
        kit.awaitHeld(other, kit.key("k"), "3");
        listener.verify();
        assertThat(listener.changes())
                .extracting(Change::revision)
                .as("what was delivered after close() had returned")
                .allSatisfy(revision -> assertThat(revision).isLessThan(after));
    }

    /** If this fails: closing only marks the watch; what was queued for its listener must be dropped too. */
    @Test
    @Rule("WATCH-12")
    default void closeRacesWithDeliveryCleanly(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener witness = kit.watching(backend);
        int rounds = kit.sized(300);
        List<RecordingListener> closed = new ArrayList<>();
        Crowd.of(2).runUntilFirstEnds(worker -> {
            if (worker == 1) {
                kit.put(kit.key("k"), "busy");
                return;
            }
            for (int i = 0; i < rounds; i++) {
                RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.snapshot());
                if (i % 3 == 0) {
                    kit.eventually("WATCH-1", "a snapshot comes", () -> listener.revision() >= 0);
                }
                listener.close();
                closed.add(listener);
            }
        });
        long last = kit.fence(witness);
        kit.eventually(
                "WATCH-12", "every closed watch ends", () -> closed.stream().allMatch(RecordingListener::hasEnded));
        for (RecordingListener listener : closed) {
            listener.verify();
            assertThat(listener.cause()).isNull();
            assertThat(listener.changes()).extracting(Change::revision).doesNotContain(last);
        }
    }

    @Test
    @Rule("WATCH-15")
    default void directoryWithoutKeysCanBeWatched(Kit kit) {
        KvBackend backend = kit.backend();
        Directory nowhere = kit.dir().directory("no/such/place");
        RecordingListener fresh = kit.watch(backend, nowhere, WatchStart.snapshot());
        kit.eventually("WATCH-15", "a watch of nothing begins with an empty snapshot", () -> fresh.revision() >= 0);
        assertThat(fresh.held().entries()).isEmpty();
        RecordingListener after = kit.watch(
                backend,
                nowhere,
                WatchStart.after(kit.await(backend.list(nowhere)).revision()));
        Key first = nowhere.key("first");
        kit.put(first, "1");
        kit.awaitHeld(fresh, first, "1");
        kit.awaitHeld(after, first, "1");
        kit.delete(first);
        kit.eventually(
                "WATCH-15",
                "the watch shows that it is empty again",
                () -> fresh.held().entries().isEmpty());
        kit.put(first, "2");
        kit.awaitHeld(fresh, first, "2");
        kit.awaitHeld(after, first, "2");
    }

    @Test
    @Rule("WATCH-18")
    default void thousandsOfWatchesAreReachedByOneWrite(Kit kit) {
        KvBackend backend = kit.backend();
        int count = kit.sized(3000);
        int threads = kit.liveThreads().size();
        List<RecordingListener> listeners = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Directory directory = i % 2 == 0 ? kit.dir() : kit.dir().directory("d" + i % 50);
            listeners.add(kit.watch(backend, directory, WatchStart.snapshot()));
        }
        eventuallyEach(kit, "all of " + count + " watches begin", listeners, each -> each.revision() >= 0);
        assertThat(kit.liveThreads().size())
                .as("threads, with %d watches open", count)
                .isLessThan(threads + 100);
        kit.put(kit.key("d1/k"), "all");
        List<RecordingListener> matching = listeners.stream()
                .filter(each -> each.directory().covers(kit.key("d1/k")))
                .toList();
        eventuallyEach(
                kit,
                "one write reaches all " + matching.size() + " watches that match it",
                matching,
                each -> each.held(kit.key("d1/k")).isPresent());
        listeners.forEach(RecordingListener::close);
        eventuallyEach(kit, "closed watches end", listeners, RecordingListener::hasEnded);
    }

    /** Waits for some after the others, so that there is time for each of so many, and no more than that for one which never gets there. */
    private static void eventuallyEach(
            Kit kit, String expectation, List<RecordingListener> listeners, Predicate<RecordingListener> condition) {
        for (int i = 0; i < listeners.size(); i += 100) {
            List<RecordingListener> some = listeners.subList(i, Math.min(listeners.size(), i + 100));
            kit.eventually("WATCH-18", expectation, () -> some.stream().allMatch(condition));
        }
    }
}
