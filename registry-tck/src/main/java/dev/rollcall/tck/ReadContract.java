package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** That reads are fresh, exact and whole. */
public interface ReadContract extends Contract {
    @Test
    @Rule({"READ-1", "WRITE-1"})
    default void readsSeeWhatWasAcknowledgedToAnyHandle(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open(), kit.open());
        Key key = kit.key("k");
        kit.proves("READ-1");
        for (int i = 0; i < 100; i++) {
            kit.put(handles.get(i % 3), key, "v" + i);
            for (KvBackend reader : handles) {
                assertThat(kit.read(reader, key))
                        .as("a linearizable get after write %d", i)
                        .isEqualTo("v" + i);
            }
            assertThat(kit.list(handles.get((i + 1) % 3), kit.dir())
                            .entry(key)
                            .value()
                            .utf8())
                    .as("a linearizable list after write %d", i)
                    .isEqualTo("v" + i);
        }
    }

    /** If this fails: a follower, a cache or a late event may answer reads; a read must reach a majority, or a barrier, first. */
    @Test
    @Rule("READ-1")
    default void readsNeverGoBackBehindWhatAnotherReaderSaw(Kit kit) {
        KvBackend writer = kit.backend();
        List<KvBackend> readers = List.of(kit.open(), kit.open());
        AtomicInteger seen = new AtomicInteger(-1);
        Key key = kit.key("k");
        kit.put(key, "0");
        Crowd.of(5).runUntilFirstEnds(worker -> {
            if (worker == 0) {
                for (int i = 1; i <= 300; i++) {
                    kit.put(writer, key, Integer.toString(i));
                }
                return;
            }
            int atLeast = seen.get();
            String value = kit.read(readers.get(worker % 2), key);
            int found = value == null ? -1 : Integer.parseInt(value);
            assertThat(found)
                    .as("a read that began after another had seen %d", atLeast)
                    .isGreaterThanOrEqualTo(atLeast);
            seen.accumulateAndGet(found, Math::max);
        });
    }

    @Test
    @Rule("READ-2")
    default void sequentialReadsDoNotGoBackForTheirHandle(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        Key key = kit.key("k");
        RecordingListener listener = kit.watching(mine);
        for (int i = 0; i < 30; i++) {
            long written = kit.put(mine, key, "w" + i);
            assertSequential(kit, mine, key, written, "after its own write");
            long others = kit.put(other, key, "o" + i);
            kit.await(mine.get(key));
            assertSequential(kit, mine, key, others, "after a linearizable read");
            long told = kit.put(other, key, "t" + i);
            kit.awaitHeld(listener, key, "t" + i);
            assertSequential(kit, mine, key, told, "after its watch was told");
        }
    }

    private static void assertSequential(Kit kit, KvBackend handle, Key key, long atLeast, String when) {
        GetResult got = kit.await(handle.get(key, ReadConsistency.SEQUENTIAL));
        assertThat(got.revision())
                .as("the revision of a sequential get, %s", when)
                .isGreaterThanOrEqualTo(atLeast);
        assertThat(got.entry().map(KeyValue::revision).orElse(0L))
                .as("the entry that a sequential get gave, %s", when)
                .isGreaterThanOrEqualTo(atLeast);
        Snapshot list = kit.await(handle.list(key.parent(), ReadConsistency.SEQUENTIAL));
        assertThat(list.get(key).map(KeyValue::revision).orElse(0L))
                .as("the entry that a sequential list gave, %s", when)
                .isGreaterThanOrEqualTo(got.entry().map(KeyValue::revision).orElse(0L));
    }

    @Test
    @Rule("READ-2")
    default void sequentialReadsNeverShrink(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend reader = kit.open();
        AtomicLong last = new AtomicLong();
        kit.put(kit.key("k"), "0");
        Crowd.of(2).runUntilFirstEnds(worker -> {
            if (worker == 0) {
                for (int i = 0; i < 200; i++) {
                    kit.put(writer, kit.key("k"), "v" + i);
                }
                return;
            }
            long before = last.get();
            GetResult got = kit.await(reader.get(kit.key("k"), ReadConsistency.SEQUENTIAL));
            long entry = got.entry().map(KeyValue::revision).orElse(0L);
            assertThat(entry)
                    .as("a sequential get after one that saw revision %d", before)
                    .isGreaterThanOrEqualTo(before);
            last.set(entry);
        });
    }

    @Test
    @Rule("READ-3")
    default void getOfAnAbsentKeyIsEmptyWithARevision(Kit kit) {
        KvBackend backend = kit.backend();
        GetResult never = kit.await(backend.get(kit.key("never")));
        assertThat(never.entry()).isEmpty();
        assertThat(never.key()).isEqualTo(kit.key("never"));
        kit.put(kit.key("k"), "1");
        long deleted = kit.delete(kit.key("k"));
        GetResult gone = kit.await(backend.get(kit.key("k")));
        assertThat(gone.entry()).isEmpty();
        assertThat(gone.value()).isEmpty();
        assertThat(gone.revision()).isGreaterThanOrEqualTo(deleted);
        assertThat(kit.await(backend.get(kit.key("k"), ReadConsistency.SEQUENTIAL))
                        .entry())
                .isEmpty();
    }

    /** If this fails: the list is read in pages, or key by key, without pinning the revision. */
    @Test
    @Rule({"READ-4", "TXN-1"})
    default void listNeverShowsPartOfATransaction(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open());
        AtomicInteger next = new AtomicInteger();
        Crowd.of(4).runUntilFirstEnds(worker -> {
            if (worker < 2) {
                for (int i = 0; i < (worker == 0 ? 150 : 1); i++) {
                    String value = "v" + next.incrementAndGet();
                    Txn.Builder txn = Txn.builder();
                    for (int k = 0; k < 8; k++) {
                        // Spread over the tree, so that no single node or page holds them all.
                        txn.put(kit.key("part" + k % 3 + "/k" + k), Bytes.ofUtf8(value));
                    }
                    kit.await(handles.get(worker).commit(txn.build()));
                }
                return;
            }
            kit.proves("READ-4");
            Snapshot list = kit.await(handles.get(worker % 2).list(kit.dir()));
            assertThat(list.entries().stream()
                            .map(entry -> entry.value().utf8())
                            .distinct())
                    .as("the values of eight keys that are only ever written together, at revision %d", list.revision())
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(list.entries().stream().map(KeyValue::revision).distinct())
                    .as("their revisions")
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(list.size()).isIn(0, 8);
        });
    }

    @Test
    @Rule("READ-4")
    default void listsThatOverlapAgreeOnOneHistory(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend reader = kit.open();
        WriteLog log = new WriteLog();
        List<Snapshot> lists = new ArrayList<>();
        Crowd.of(2).runUntilFirstEnds(worker -> {
            if (worker == 1) {
                lists.add(kit.await(reader.list(kit.dir())));
                return;
            }
            for (int i = 0; i < 300; i++) {
                Key key = kit.key("n" + kit.random().nextInt(40) + "/leaf");
                kit.commit(writer, Txn.builder().put(key, Bytes.ofUtf8("v" + i)).build(), log);
            }
        });
        lists.forEach(list -> log.judge("READ-4", "A list", Cut.of(list), kit.dir()));
    }

    @Test
    @Rule("READ-5")
    default void listHoldsEveryEntryOnceSortedByKey(Kit kit) {
        KvBackend backend = kit.backend();
        List<Key> keys = KeyTexts.random(kit.random(), kit.dir(), 150);
        KeyTexts.ODD.forEach(text -> keys.add(kit.key(text)));
        Map<Key, String> expected = new TreeMap<>();
        for (Key key : keys) {
            String value = Integer.toString(kit.random().nextInt());
            kit.put(key, value);
            expected.put(key, value);
        }
        for (Key key : keys.subList(0, 40)) {
            kit.delete(key);
            expected.remove(key);
        }
        List<KeyValue> entries = kit.await(backend.list(kit.dir())).entries();
        assertThat(entries)
                .extracting(KeyValue::key)
                .as("the keys of a list, in its order")
                .containsExactlyElementsOf(expected.keySet());
        assertThat(entries).extracting(entry -> entry.value().utf8()).containsExactlyElementsOf(expected.values());
        assertThat(kit.await(backend.list(Directory.ROOT)).entries()).isEqualTo(entries);
        assertThat(kit.await(backend.list(kit.dir(), ReadConsistency.SEQUENTIAL))
                        .entries())
                .isEqualTo(entries);
    }

    @Test
    @Rule("READ-5")
    default void listOfNothingIsEmpty(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("k"), "1");
        assertThat(kit.await(backend.list(kit.dir().directory("none"))).entries())
                .isEmpty();
        assertThat(kit.await(backend.list(kit.key("k").asDirectory())).entries())
                .as("below a key that has no keys below it")
                .isEmpty();
        kit.delete(kit.key("k"));
        Snapshot emptied = kit.await(backend.list(kit.dir()));
        assertThat(emptied.entries()).isEmpty();
        assertThat(emptied.directory()).isEqualTo(kit.dir());
        assertThat(kit.await(backend.keys(kit.dir())).keys()).isEmpty();
        assertThat(kit.await(backend.children(kit.dir()))).isEmpty();
    }

    @Test
    @Rule("READ-6")
    default void listOfTwentyThousandEntriesSucceeds(Kit kit) {
        KvBackend backend = kit.open(Duration.ofMinutes(1));
        int count = kit.sized(20_000);
        List<CompletableFuture<?>> writes = new ArrayList<>();
        for (int from = 0; from < count; from += Limits.MAX_TXN_WRITES) {
            Txn.Builder txn = Txn.builder();
            for (int i = from; i < Math.min(count, from + Limits.MAX_TXN_WRITES); i++) {
                txn.put(kit.key(String.format("node-%05d/info", i)), Bytes.ofUtf8("value " + i));
            }
            writes.add(backend.commit(txn.build()));
            if (writes.size() == 16) {
                writes.forEach(kit::await);
                writes.clear();
            }
        }
        writes.forEach(kit::await);
        Snapshot list = kit.await(backend.list(kit.dir()));
        assertThat(list.size()).isEqualTo(count);
        assertThat(list.entries().get(count - 1).value().utf8()).isEqualTo("value " + (count - 1));
        assertThat(kit.await(backend.keys(kit.dir())).keys()).hasSize(count);
        RecordingListener listener = kit.watching(backend);
        assertThat(listener.held().entries()).hasSize(count);
    }

    @Test
    @Rule("READ-6")
    default void listOfFortyMegabytesSucceeds(Kit kit) {
        KvBackend backend = kit.open(Duration.ofMinutes(1));
        int count = kit.sized(80);
        for (int i = 0; i < count; i++) {
            byte[] value = new byte[Limits.MAX_VALUE_BYTES];
            Arrays.fill(value, (byte) i);
            kit.await(backend.put(kit.key(String.format("large-%03d", i)), Bytes.unsafeWrap(value)));
        }
        Snapshot list = kit.await(backend.list(kit.dir()));
        assertThat(list.size()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            Bytes value = list.entries().get(i).value();
            assertThat(value.size()).isEqualTo(Limits.MAX_VALUE_BYTES);
            assertThat(value.asByteBuffer().get(Limits.MAX_VALUE_BYTES - 1)).isEqualTo((byte) i);
        }
    }

    @Test
    @Rule("READ-7")
    default void keysAndChildrenAgreeWithAList(Kit kit) {
        KvBackend backend = kit.backend();
        KeyTexts.random(kit.random(), kit.dir(), 60).forEach(key -> kit.put(key, "v"));
        Snapshot list = kit.await(backend.list(kit.dir()));
        KeyListing keys = kit.await(backend.keys(kit.dir()));
        assertThat(keys.keys())
                .isEqualTo(list.entries().stream().map(KeyValue::key).toList());
        assertThat(keys.revision()).isGreaterThanOrEqualTo(list.revision());
        assertThat(keys.directory()).isEqualTo(kit.dir());
        List<String> children = list.entries().stream()
                .map(entry -> kit.dir().relativize(entry.key()).split("/", 2)[0])
                .distinct()
                .sorted()
                .toList();
        assertThat(kit.await(backend.children(kit.dir()))).isEqualTo(children);
    }

    @Test
    @Rule("READ-7")
    default void keysAreACutWhileOthersWrite(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend reader = kit.open();
        WriteLog log = new WriteLog();
        List<KeyListing> listings = new ArrayList<>();
        Crowd.of(2).runUntilFirstEnds(worker -> {
            if (worker == 1) {
                listings.add(kit.await(reader.keys(kit.dir())));
                return;
            }
            for (int i = 0; i < 150; i++) {
                Txn.Builder txn = Txn.builder();
                txn.put(kit.key("k" + i % 10), Bytes.EMPTY).delete(kit.key("k" + (i + 5) % 10));
                kit.commit(writer, txn.build(), log);
            }
        });
        for (KeyListing listing : listings) {
            Set<Key> expected = log.at(listing.revision(), kit.dir()).entries().keySet();
            assertThat(listing.keys())
                    .as("keys at revision %d", listing.revision())
                    .containsExactlyElementsOf(expected);
        }
    }
}
