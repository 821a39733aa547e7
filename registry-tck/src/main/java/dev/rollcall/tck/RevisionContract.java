package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** The one order of the whole store. */
public interface RevisionContract extends Contract {
    @Test
    @Rule("REV-1")
    default void revisionsGrowOverAllKeysAndHandles(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open(), kit.open());
        long last = 0;
        for (int i = 0; i < 60; i++) {
            long revision = kit.put(handles.get(i % 3), kit.key("k" + i % 7), "v" + i);
            assertThat(revision)
                    .as("the revision of write %d, which began after the one before was acknowledged", i)
                    .isGreaterThan(last);
            last = revision;
            if (i % 5 == 4) {
                last = kit.await(handles.get(i % 2).delete(kit.key("k" + i % 7)))
                        .revision();
                assertThat(last).as("the revision of a deletion").isGreaterThan(revision);
            }
        }
    }

    @Test
    @Rule({"REV-1", "REV-2"})
    default void orderOfRevisionsAgreesWithRealTime(Kit kit) {
        record Acknowledged(int key, long began, long ended, long revision) {}
        List<Acknowledged> writes = Collections.synchronizedList(new ArrayList<>());
        List<KvBackend> handles = List.of(kit.backend(), kit.open());
        Crowd.of(6).run(worker -> {
            for (int i = 0; i < 40; i++) {
                long began = System.nanoTime();
                long revision = kit.put(handles.get(worker % 2), kit.key("k" + i % 3), worker + "/" + i);
                writes.add(new Acknowledged(i % 3, began, System.nanoTime(), revision));
            }
        });
        List<Acknowledged> byRevision = new ArrayList<>(writes);
        byRevision.sort(Comparator.comparingLong(Acknowledged::revision));
        kit.proves("REV-2");
        for (int key = 0; key < 3; key++) {
            int one = key;
            List<Long> revisions = byRevision.stream()
                    .filter(write -> write.key() == one)
                    .map(Acknowledged::revision)
                    .toList();
            assertThat(revisions)
                    .as("the revisions of the writes of one key, none of which may be shared")
                    .doesNotHaveDuplicates();
        }
        // Going down, the earliest end of all later revisions must not lie before the begin of this one.
        kit.proves("REV-1");
        long earliestEnd = Long.MAX_VALUE;
        for (int i = byRevision.size() - 1; i >= 0; i--) {
            Acknowledged write = byRevision.get(i);
            assertThat(earliestEnd)
                    .as("a write with a higher revision than %d ended before that one began", write.revision())
                    .isGreaterThan(write.began());
            earliestEnd = Math.min(earliestEnd, write.ended());
        }
    }

    @Test
    @Rule({"REV-2", "REV-4"})
    default void writesOfOneTransactionShareItsRevision(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("old"), "0");
        RecordingListener listener = kit.watching(backend);
        Txn.Builder txn = Txn.builder().delete(kit.key("old"));
        for (int i = 0; i < 20; i++) {
            txn.put(kit.key("k" + i), Bytes.ofUtf8("v"));
        }
        kit.proves("REV-2");
        long revision = kit.await(backend.commit(txn.build())).revision();
        assertThat(kit.list(backend, kit.dir()).entries().values())
                .hasSize(20)
                .allSatisfy(entry -> assertThat(entry.revision())
                        .as("the revision of %s", entry.key())
                        .isEqualTo(revision));
        kit.converge(listener, backend);
        assertThat(listener.changes())
                .hasSize(21)
                .allSatisfy(change -> assertThat(change.revision()).isEqualTo(revision));
    }

    @Test
    @Rule("REV-3")
    default void revisionsGoOnAfterEveryHandleWasClosed(Kit kit) {
        Set<Long> used = new HashSet<>();
        long last = 0;
        for (int round = 0; round < 4; round++) {
            KvBackend handle = kit.open();
            long revision = kit.put(handle, kit.key("k"), "same");
            assertThat(used.add(revision))
                    .as("the revision %d is new", revision)
                    .isTrue();
            assertThat(revision).isGreaterThan(last);
            last = kit.await(handle.delete(kit.key("k"))).revision();
            used.add(last);
            handle.close();
        }
    }

    @Test
    @Rule({"REV-3", "WRITE-1"})
    @Needs(Hook.RESTART)
    default void revisionsGoOnAfterTheServerWasKilled(Kit kit) {
        KvBackend backend = kit.backend();
        kit.proves("REV-3");
        long last = 0;
        for (int round = 0; round < 2; round++) {
            long revision = kit.put(kit.key("k" + round), "v" + round);
            assertThat(revision).isGreaterThan(last);
            last = revision;
            kit.store().kill();
            kit.store().restart();
            KvBackend fresh = kit.open();
            kit.eventually(
                    "ERR-6",
                    "a handle reaches the store again after its restart",
                    () -> kit.succeeded(fresh.get(kit.key("k0"))));
            assertThat(kit.await(fresh.list(kit.dir())).revision()).isGreaterThanOrEqualTo(last);
            kit.proves("WRITE-1");
            for (int i = 0; i <= round; i++) {
                assertThat(kit.read(fresh, kit.key("k" + i)))
                        .as("an acknowledged write, after the server was killed")
                        .isEqualTo("v" + i);
            }
            kit.proves("REV-3");
            kit.eventually(
                    "LIFE-8",
                    "an old handle reaches the store again after its restart",
                    () -> kit.succeeded(backend.get(kit.key("k0"))));
        }
        assertThat(kit.put(kit.key("after"), "v")).isGreaterThan(last);
    }

    @Test
    @Rule("REV-4")
    default void entryCarriesTheRevisionThatItsWriterWasTold(Kit kit) {
        KvBackend backend = kit.backend();
        KvBackend other = kit.open();
        long created =
                kit.await(backend.create(kit.key("k"), Bytes.ofUtf8("1"))).revision();
        assertThat(revisionOf(kit, other)).as("after create").isEqualTo(created);
        long put = kit.put(kit.key("k"), "2");
        assertThat(revisionOf(kit, other)).as("after put").isEqualTo(put);
        long updated =
                kit.await(other.update(kit.key("k"), Bytes.ofUtf8("3"), put)).revision();
        assertThat(revisionOf(kit, backend)).as("after update").isEqualTo(updated);
        long same = kit.put(kit.key("k"), "3");
        assertThat(revisionOf(kit, backend)).as("after a put of the same value").isEqualTo(same);
        kit.put(kit.key("other"), "x");
        kit.put(kit.key("k/below"), "x");
        long below = kit.await(backend.get(kit.key("k/below"))).revision();
        assertThat(kit.delete(kit.key("k/below")))
                .as("the revision of a delete")
                .isGreaterThan(below);
        assertThat(revisionOf(kit, backend))
                .as("after writes beside and below it")
                .isEqualTo(same);
        assertThat(kit.list(backend, kit.dir()).entry(kit.key("k")).revision()).isEqualTo(same);
        assertThat(kit.delete(kit.key("k")))
                .as("the revision of a delete, which is later than that of what it deleted and of all writes before")
                .isGreaterThan(below);
    }

    private static long revisionOf(Kit kit, KvBackend reader) {
        return kit.await(reader.get(kit.key("k"))).entry().orElseThrow().revision();
    }

    @Test
    @Rule("REV-5")
    default void readsCarryARevisionNotLessThanWhatWasAcknowledged(Kit kit) {
        KvBackend backend = kit.backend();
        KvBackend other = kit.open();
        for (int i = 0; i < 20; i++) {
            long revision = i % 4 == 3 ? kit.delete(kit.key("k")) : kit.put(kit.key("k"), "v" + i);
            GetResult got = kit.await(other.get(kit.key("k")));
            assertThat(got.revision()).as("get after a write at %d", revision).isGreaterThanOrEqualTo(revision);
            assertThat(kit.await(other.get(kit.key("absent"))).revision())
                    .as("get of an absent key")
                    .isGreaterThanOrEqualTo(revision);
            assertThat(kit.await(other.list(kit.dir())).revision()).as("list").isGreaterThanOrEqualTo(revision);
            assertThat(kit.await(other.list(kit.dir().directory("none"))).revision())
                    .as("list of nothing")
                    .isGreaterThanOrEqualTo(revision);
            assertThat(kit.await(other.keys(kit.dir())).revision()).as("keys").isGreaterThanOrEqualTo(revision);
            got.entry().ifPresent(entry -> assertThat(entry.revision()).isLessThanOrEqualTo(got.revision()));
        }
        assertThat(backend.capabilities()).isNotNull();
    }

    @Test
    @Rule("REV-5")
    default void readsAreExactAtTheirRevisionWhileOthersWrite(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend reader = kit.open();
        WriteLog log = new WriteLog();
        Set<Snapshot> lists = new ConcurrentSkipListSet<>(Comparator.comparingLong(Snapshot::revision));
        List<GetResult> gets = Collections.synchronizedList(new ArrayList<>());
        Crowd.of(3).runUntilFirstEnds(worker -> {
            if (worker == 0) {
                for (int i = 0; i < 200; i++) {
                    Txn.Builder txn = Txn.builder();
                    Bytes value = Bytes.ofUtf8("v" + i);
                    txn.put(kit.key("a"), value);
                    if (i % 3 == 0) {
                        txn.delete(kit.key("b"));
                    } else {
                        txn.put(kit.key("b"), value);
                    }
                    kit.commit(writer, txn.build(), log);
                }
            } else if (worker == 1) {
                lists.add(kit.await(reader.list(kit.dir())));
            } else {
                gets.add(kit.await(reader.get(kit.key("b"))));
            }
        });
        lists.forEach(list -> log.judge("REV-5", "A list", Cut.of(list), kit.dir()));
        gets.forEach(got -> assertThat(got.entryOrNull())
                .as("a get of %s at revision %d", got.key(), got.revision())
                .isEqualTo(log.at(got.revision(), kit.dir()).entries().get(got.key())));
    }

    @Test
    @Rule({"REV-6", "WATCH-8"})
    default void failedAndEmptyWritesAreSilent(Kit kit) {
        KvBackend backend = kit.backend();
        kit.proves("REV-6");
        long revision = kit.put(kit.key("k"), "1");
        RecordingListener listener = kit.watching(backend);
        kit.failure(backend.create(kit.key("k"), Bytes.ofUtf8("2")), KeyExistsException.class);
        kit.failure(
                backend.update(kit.key("k"), Bytes.ofUtf8("2"), revision + 1_000_000), RevisionMismatchException.class);
        kit.failure(backend.update(kit.key("absent"), Bytes.ofUtf8("2")), KeyNotFoundException.class);
        kit.failure(backend.delete(kit.key("absent")), KeyNotFoundException.class);
        kit.await(backend.commit(Txn.builder().delete(kit.key("absent")).build()));
        kit.await(backend.commit(Txn.builder().ifPresent(kit.key("k")).build()));
        kit.failure(backend.commit(Txn.builder()
                .ifAbsent(kit.key("k"))
                .put(kit.key("other"), Bytes.ofUtf8("2"))
                .delete(kit.key("k"))
                .build()));
        assertThat(kit.await(backend.get(kit.key("k"))).entry().orElseThrow().revision())
                .as("the revision of an entry that no write has changed")
                .isEqualTo(revision);
        long fence = kit.fence(listener);
        assertThat(listener.changes())
                .as("the changes that a watch has seen")
                .singleElement()
                .satisfies(change -> assertThat(change.revision()).isEqualTo(fence));
    }
}
