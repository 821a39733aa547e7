package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** More data than a store moves at once: pages, frames, buffers and limits, which tests with ten entries never reach. */
public interface ThresholdContract extends Contract {
    /** More entries than any page has. */
    int MANY = 1_500;

    /** Enough for a list of all of them on a busy machine. */
    Duration LONG = Duration.ofMinutes(1);

    /** If this fails: pages of a list are put together wrongly, or are not of one revision. */
    @Test
    @Rule({"READ-5", "READ-4"})
    default void manyEntriesAreThereInOrderWhileBothEndsAreWritten(Kit kit) {
        KvBackend writer = kit.open(LONG);
        KvBackend reader = kit.open(LONG);
        List<Key> keys = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            keys.add(kit.key(String.format("d%02d/k%04d", i / 100, i)));
        }
        List<CompletableFuture<Commit>> writes = new ArrayList<>();
        for (int from = 0; from < MANY; from += Limits.MAX_TXN_WRITES) {
            Txn.Builder txn = Txn.builder();
            keys.subList(from, Math.min(MANY, from + Limits.MAX_TXN_WRITES))
                    .forEach(key -> txn.put(key, Bytes.ofUtf8(key.name())));
            writes.add(writer.commit(txn.build()));
        }
        writes.forEach(kit::await);
        bothEnds(kit, writer, keys, "before");
        judge(keys, kit.await(reader.list(kit.dir())));
        Crowd.of(2).runUntilFirstEnds(worker -> {
            if (worker == 1) {
                judge(keys, kit.await(reader.list(kit.dir())));
                return;
            }
            for (int i = 0; i < 20; i++) {
                bothEnds(kit, writer, keys, "round " + i);
            }
        });
        List<Key> listed = kit.await(reader.keys(kit.dir())).keys();
        Expect.that(
                "READ-7", listed.equals(keys), () -> "The keys of " + MANY + " entries are not those of their list.");
        RecordingListener watch = kit.watching(reader);
        judge(keys, (Snapshot) watch.signals().get(0));
    }

    private static void bothEnds(Kit kit, KvBackend writer, List<Key> keys, String value) {
        kit.await(writer.commit(Txn.builder()
                .put(keys.get(0), Bytes.ofUtf8(value))
                .put(keys.get(MANY - 1), Bytes.ofUtf8(value))
                .build()));
    }

    private static void judge(List<Key> keys, Snapshot list) {
        List<KeyValue> entries = list.entries();
        for (int i = 0; i < Math.min(MANY, entries.size()); i++) {
            int at = i;
            KeyValue found = entries.get(i);
            Expect.that(
                    "READ-5",
                    found.key().equals(keys.get(i)),
                    () -> "Entry " + at + " of a list with " + entries.size() + " entries is " + found.key()
                            + ", but must be " + keys.get(at) + ".");
            Expect.that(
                    "READ-4",
                    at == 0
                            || at == MANY - 1
                            || found.value().utf8().equals(found.key().name()),
                    () -> "Entry " + at + " of a list holds '" + found.value().utf8() + "', but " + found.key()
                            + " was only ever written as '" + found.key().name() + "'.");
        }
        Expect.that(
                "READ-5",
                entries.size() == MANY,
                () -> "A list holds " + entries.size() + " entries; the directory has " + MANY + ".");
        String first = entries.get(0).value().utf8();
        String last = entries.get(MANY - 1).value().utf8();
        Expect.that(
                "READ-4",
                first.equals(last),
                () -> "In a list at revision " + list.revision() + " the first entry holds '" + first
                        + "' and the last '" + last + "', but they are only ever written together.");
    }

    /** If this fails: what a watch delivers is cut into pieces of so many changes, or of so many bytes. */
    @Test
    @Rule("WATCH-4")
    default void largestTransactionComesThroughEveryWatchWhole(Kit kit) {
        KvBackend writer = kit.open(LONG);
        KvBackend observer = kit.open(LONG);
        Cut list = kit.list(observer, kit.dir());
        Map<String, RecordingListener> watches = new LinkedHashMap<>();
        watches.put("from a snapshot", kit.watching(observer));
        watches.put("after a revision", kit.watch(observer, kit.dir(), WatchStart.after(list.revision())));
        if (observer.capabilities().contains(Capability.HISTORY)) {
            watches.put("of the history", kit.watch(observer, kit.dir(), WatchStart.history(list.revision())));
        }
        Txn.Builder puts = Txn.builder();
        Txn.Builder mixed = Txn.builder();
        for (int i = 0; i < Limits.MAX_TXN_WRITES; i++) {
            Key key = kit.key(String.format("d%d/k%02d", i % 5, i));
            puts.put(key, pattern(13_000, i));
            if (i % 2 == 0) {
                mixed.delete(key);
            } else {
                mixed.put(key, pattern(13_000, i + 1));
            }
        }
        for (Txn txn : List.of(puts.build(), mixed.build())) {
            long revision = kit.await(writer.commit(txn)).revision();
            Cut truth = kit.list(writer, kit.dir());
            watches.forEach((kind, watch) -> {
                kit.eventually(
                        "WATCH-5",
                        "a watch " + kind + " is told of a transaction with 64 writes",
                        () -> watch.revision() >= revision);
                // A connection that broke may be made good by a snapshot (WATCH-6).
                boolean byChanges = watch.signals().stream()
                        .noneMatch(signal -> signal instanceof Snapshot snapshot && snapshot.revision() >= revision);
                List<List<Change>> pieces = watch.signals().stream()
                        .filter(Changes.class::isInstance)
                        .map(signal -> ((Changes) signal)
                                .changes().stream()
                                        .filter(change -> change.revision() == revision)
                                        .toList())
                        .filter(piece -> !piece.isEmpty())
                        .toList();
                int told = pieces.stream().mapToInt(List::size).sum();
                Expect.that(
                        "WATCH-5",
                        !byChanges || told == Limits.MAX_TXN_WRITES,
                        () -> "A watch " + kind + " was told of " + told + " changes of a transaction with 64.");
                Expect.that(
                        "WATCH-4",
                        !byChanges || pieces.size() == 1,
                        () -> "A watch " + kind + " was told of one transaction in " + pieces.size() + " signals, with "
                                + pieces.stream().map(List::size).toList() + " changes.");
                Expect.that(
                        "WATCH-9",
                        watch.held().entries().equals(truth.entries()),
                        () -> "A watch " + kind
                                + " holds something else than a list after a transaction with 64 writes:"
                                + watch.held().difference(truth));
            });
        }
    }

    /** If this fails: the limit of the store counts what the contract's does not, such as conditions, or a frame around each write. */
    @Test
    @Rule("TXN-5")
    default void limitsOfATransactionHoldToTheByte(Kit kit) {
        KvBackend backend = kit.open(LONG);
        int each = Limits.MAX_TXN_BYTES / Limits.MAX_TXN_WRITES - Limits.MAX_KEY_BYTES;
        Txn.Builder full = Txn.builder();
        Txn.Builder refused = Txn.builder();
        Txn.Builder more = Txn.builder();
        Key present = longest(kit, "present", 0);
        kit.put(present, "1");
        for (int i = 0; i < Limits.MAX_TXN_WRITES; i++) {
            Key written = longest(kit, "written", i);
            full.put(written, pattern(each, i)).ifAbsent(longest(kit, "tested", i));
            more.put(written, pattern(i == 0 ? each + 1 : each, i));
            refused.put(written, Bytes.EMPTY);
            refused.ifAbsent(i < Limits.MAX_TXN_WRITES - 1 ? longest(kit, "tested", i) : present);
        }
        assertThatIllegalArgumentException()
                .as("a transaction of one byte more than %d", Limits.MAX_TXN_BYTES)
                .isThrownBy(more::build);
        ConditionFailedException failure = kit.failure(backend.commit(refused.build()), ConditionFailedException.class);
        Expect.that(
                "TXN-2",
                failure.condition().key().equals(present),
                () -> "Of 64 conditions on keys of 512 bytes the last does not hold, but the failure is about "
                        + failure.condition().key().path().substring(0, 30) + "….");
        long revision = kit.await(backend.commit(full.build())).revision();
        Cut list = kit.list(backend, kit.dir());
        for (int i = 0; i < Limits.MAX_TXN_WRITES; i++) {
            int at = i;
            KeyValue entry = list.entries().get(longest(kit, "written", i));
            Expect.that(
                    "TXN-1",
                    entry != null
                            && entry.revision() == revision
                            && entry.value().equals(pattern(each, at)),
                    () -> "Write " + at + " of a transaction of exactly " + Limits.MAX_TXN_BYTES
                            + " bytes is not there as it was written.");
        }
    }

    private static Key longest(Kit kit, String kind, int number) {
        String name = String.format("%s-%02d-", kind, number);
        int left = Limits.MAX_KEY_BYTES - kit.key(name).path().length();
        return kit.key(name + "k".repeat(left));
    }

    /** If this fails: a frame or a buffer has room for some values of full size, and not for a handful of them at once. */
    @Test
    @Rule({"VALUE-1", "WATCH-2"})
    default void largestValuesComeWholeInAHandful(Kit kit) {
        KvBackend writer = kit.open(LONG);
        KvBackend observer = kit.open(LONG);
        int count = 9;
        RecordingListener early = kit.watching(observer);
        for (int round = 0; round < 2; round++) {
            List<CompletableFuture<Commit>> writes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                writes.add(writer.put(kit.key("large-" + i), pattern(Limits.MAX_VALUE_BYTES, round + i)));
            }
            writes.forEach(kit::await);
            whole(kit, "A list", kit.list(observer, kit.dir()), count, round, "VALUE-1");
            RecordingListener late = kit.watching(observer);
            whole(kit, "A watch from a snapshot", late.held(), count, round, "WATCH-2");
            kit.converge("WATCH-11", early, writer);
            whole(kit, "A watch that went on", early.held(), count, round, "WATCH-2");
            late.close();
        }
    }

    private static void whole(Kit kit, String who, Cut cut, int count, int round, String missing) {
        for (int i = 0; i < count; i++) {
            Key key = kit.key("large-" + i);
            KeyValue entry = cut.entries().get(key);
            Expect.that(
                    missing,
                    entry != null,
                    () -> who + " at revision " + cut.revision() + " lacks " + key + ", one of " + count
                            + " values of full size.");
            Bytes expected = pattern(Limits.MAX_VALUE_BYTES, round + i);
            Expect.that(
                    "VALUE-1",
                    entry != null && entry.value().equals(expected),
                    () -> who + " holds another value at " + key + " than the " + expected.size()
                            + " bytes that were written.");
        }
    }

    /** Bytes of every kind, which tell where they belong. */
    private static Bytes pattern(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) + seed * 7);
        }
        return Bytes.unsafeWrap(bytes);
    }
}
