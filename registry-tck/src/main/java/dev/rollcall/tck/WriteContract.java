package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What each verb means, and compare-and-set. */
public interface WriteContract extends Contract {
    @Test
    @Rule({"WRITE-2", "WRITE-8"})
    default void createSucceedsOnlyOnAnAbsentKey(Kit kit) {
        KvBackend backend = kit.backend();
        Key key = kit.key("k");
        kit.proves("WRITE-2");
        long revision = kit.await(backend.create(key, Bytes.ofUtf8("1"))).revision();
        KeyExistsException failure = kit.failure(backend.create(key, Bytes.ofUtf8("2")), KeyExistsException.class);
        Expect.notApplied(failure);
        assertThat(failure.condition()).isEqualTo(new Condition.Absent(key));
        assertThat(failure.actualRevision())
                .as("the revision at which the key was found")
                .hasValue(revision);
        kit.proves("WRITE-8");
        assertThat(kit.read(kit.open(), key))
                .as("the value after a create that failed")
                .isEqualTo("1");
        kit.proves("WRITE-2");
        kit.delete(key);
        assertThat(kit.await(backend.create(key, Bytes.ofUtf8("3"))).revision()).isGreaterThan(revision);
        assertThat(kit.read(backend, key)).isEqualTo("3");
    }

    @Test
    @Rule("WRITE-2")
    default void ofManyCreatesAtOnceExactlyOneSucceeds(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open(), kit.open(), kit.open());
        for (int round = 0; round < 10; round++) {
            Key key = kit.key("claim-" + round);
            List<String> winners = Collections.synchronizedList(new ArrayList<>());
            Crowd.of(16).run(worker -> {
                if (kit.succeeded(handles.get(worker % 4).create(key, Bytes.ofUtf8("by " + worker)))) {
                    winners.add("by " + worker);
                }
            });
            assertThat(winners)
                    .as("the creates of %s that succeeded, of 16 at once", key)
                    .hasSize(1);
            assertThat(kit.read(handles.get(round % 4), key)).isEqualTo(winners.get(0));
        }
    }

    @Test
    @Rule("WRITE-3")
    default void updateAndDeleteNeedAPresentKeyAndPutDoesNot(Kit kit) {
        KvBackend backend = kit.backend();
        Key key = kit.key("k");
        KeyNotFoundException update = kit.failure(backend.update(key, Bytes.ofUtf8("1")), KeyNotFoundException.class);
        assertThat(update.condition()).isEqualTo(new Condition.Present(key));
        assertThat(update.actualRevision()).isEmpty();
        Expect.notApplied(update);
        Expect.notApplied(kit.failure(backend.delete(key), KeyNotFoundException.class));
        assertThat(kit.await(backend.get(key)).isPresent())
                .as("after update and delete of an absent key")
                .isFalse();
        kit.put(key, "2");
        assertThat(kit.read(backend, key)).isEqualTo("2");
        kit.put(key, "3");
        assertThat(kit.read(backend, key)).isEqualTo("3");
        kit.await(backend.update(key, Bytes.ofUtf8("4")));
        assertThat(kit.read(backend, key)).isEqualTo("4");
        kit.await(backend.delete(key));
        assertThat(kit.await(backend.get(key)).entry()).isEmpty();
        kit.failure(backend.update(key, Bytes.ofUtf8("5")), KeyNotFoundException.class);
    }

    @Test
    @Rule("WRITE-4")
    default void writeAtARevisionSucceedsOnlyAtThatRevision(Kit kit) {
        KvBackend backend = kit.backend();
        Key key = kit.key("k");
        long first = kit.put(key, "1");
        long other = kit.put(kit.key("other"), "x");
        long second = kit.await(backend.update(key, Bytes.ofUtf8("2"), first)).revision();
        for (long wrong : new long[] {first, other, second + 1, second - 1, 1, Long.MAX_VALUE}) {
            if (wrong == second || wrong < 1) {
                continue;
            }
            for (CompletableFuture<Commit> write :
                    List.of(backend.update(key, Bytes.ofUtf8("lost"), wrong), backend.delete(key, wrong))) {
                RevisionMismatchException failure = kit.failure(write, RevisionMismatchException.class);
                assertThat(failure.expectedRevision()).isEqualTo(wrong);
                assertThat(failure.actualRevision()).hasValue(second);
                Expect.notApplied(failure);
            }
        }
        assertThat(kit.read(backend, key))
                .as("the value after writes at wrong revisions")
                .isEqualTo("2");
        kit.await(backend.delete(key, second));
        RevisionMismatchException gone = kit.failure(backend.delete(key, second), RevisionMismatchException.class);
        assertThat(gone.actualRevision())
                .as("the revision found, of an absent key")
                .isEmpty();
        kit.failure(backend.update(key, Bytes.ofUtf8("3"), second), RevisionMismatchException.class);
        assertThat(kit.await(backend.get(key)).entry()).isEmpty();
    }

    @Test
    @Rule("WRITE-4")
    default void counterByCompareAndSetLosesNoUpdate(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open());
        Key key = kit.key("counter");
        kit.put(key, "0");
        AtomicInteger successes = new AtomicInteger();
        Crowd.of(6).run(worker -> {
            KvBackend handle = handles.get(worker % 2);
            for (int i = 0; i < 40; i++) {
                KeyValue seen = kit.await(handle.get(key)).entry().orElseThrow();
                int value = Integer.parseInt(seen.value().utf8());
                if (kit.succeeded(handle.update(key, Bytes.ofUtf8(Integer.toString(value + 1)), seen.revision()))) {
                    successes.incrementAndGet();
                }
            }
        });
        assertThat(kit.read(kit.backend(), key))
                .as("a counter after %d increments by compare-and-set that were acknowledged", successes.get())
                .isEqualTo(Integer.toString(successes.get()));
        assertThat(successes.get()).isPositive();
    }

    @Test
    @Rule("WRITE-4")
    default void modifyAppliesItsFunctionToWhatItReplaces(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        Key key = kit.key("k");
        kit.put(key, "1");
        List<String> given = new CopyOnWriteArrayList<>();
        KeyValue written = kit.await(mine.modify(key, value -> {
            given.add(value.utf8());
            if (given.size() <= 2) {
                kit.put(other, key, value.utf8() + " and theirs");
            }
            return Bytes.ofUtf8(value.utf8() + " and mine");
        }));
        assertThat(given)
                .as("what the function was given while another handle changed the key twice")
                .containsExactly("1", "1 and theirs", "1 and theirs and theirs");
        assertThat(kit.read(other, key))
                .as("the value after the third attempt")
                .isEqualTo("1 and theirs and theirs and mine");
        assertThat(kit.await(other.get(key)).entry())
                .as("the entry that the modification says it wrote")
                .contains(written);
    }

    /** If this fails: the token compares a version that starts again with each creation, as ZooKeeper's does. */
    @Test
    @Rule("WRITE-5")
    default void updateAtTheRevisionOfAnEarlierIncarnationFails(Kit kit) {
        KvBackend backend = kit.backend();
        Key key = kit.key("k");
        List<Long> stale = new ArrayList<>();
        for (int incarnation = 0; incarnation < 4; incarnation++) {
            long created = kit.await(backend.create(key, Bytes.ofUtf8("same"))).revision();
            long updated = kit.await(backend.update(key, Bytes.ofUtf8("again"))).revision();
            for (long old : stale) {
                RevisionMismatchException failure =
                        kit.failure(backend.update(key, Bytes.ofUtf8("stolen"), old), RevisionMismatchException.class);
                assertThat(failure.actualRevision()).hasValue(updated);
            }
            assertThat(kit.read(backend, key)).isEqualTo("again");
            stale.add(created);
            stale.add(updated);
            kit.await(backend.delete(key, updated));
            for (long old : stale) {
                kit.failure(backend.update(key, Bytes.ofUtf8("revived"), old), RevisionMismatchException.class);
            }
        }
    }

    @Test
    @Rule("WRITE-5")
    default void deleteAtTheRevisionOfAnEarlierIncarnationFails(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        Key key = kit.key("k");
        long seen = kit.put(mine, key, "same");
        kit.await(other.delete(key));
        long recreated = kit.put(other, key, "same");
        RevisionMismatchException failure = kit.failure(mine.delete(key, seen), RevisionMismatchException.class);
        assertThat(failure.actualRevision()).hasValue(recreated);
        assertThat(kit.read(mine, key))
                .as("a key that was created again by another handle")
                .isEqualTo("same");
        kit.failure(
                mine.commit(Txn.builder()
                        .ifRevision(key, seen)
                        .put(kit.key("guarded"), Bytes.EMPTY)
                        .build()),
                RevisionMismatchException.class);
        assertThat(kit.await(mine.get(kit.key("guarded"))).entry()).isEmpty();
    }

    @Test
    @Rule("WRITE-5")
    default void compareAndSetNeverWinsWhileAnotherDeletesAndCreates(Kit kit) {
        KvBackend churner = kit.backend();
        KvBackend setter = kit.open();
        Key key = kit.key("k");
        // Each incarnation holds its number and never "lost": whoever finds that has replaced an incarnation it had not
        // read.
        kit.put(key, "0");
        Crowd.of(3).runUntilFirstEnds(worker -> {
            if (worker == 0) {
                for (int i = 1; i <= 150; i++) {
                    kit.await(churner.commit(Txn.builder().delete(key).build()));
                    kit.await(churner.put(key, Bytes.ofUtf8("same")));
                }
                return;
            }
            kit.await(setter.get(key)).entry().ifPresent(entry -> {
                CompletableFuture<Commit> write = setter.update(key, entry.value(), entry.revision());
                if (kit.succeeded(write)) {
                    long now = kit.await(write).revision();
                    assertThat(now).isGreaterThan(entry.revision());
                } else {
                    RevisionMismatchException failure = kit.failure(write, RevisionMismatchException.class);
                    assertThat(failure.actualRevision().orElse(0))
                            .as("the revision found by a compare-and-set at %d that failed", entry.revision())
                            .isNotEqualTo(entry.revision());
                }
            });
        });
    }

    @Test
    @Rule("WRITE-8")
    default void writesThatFailedAreNeverSeen(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener listener = kit.watching(other);
        long revision = kit.put(kit.key("k"), "kept");
        List<CompletableFuture<Commit>> failing = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            failing.add(mine.create(kit.key("k"), Bytes.ofUtf8("failed " + i)));
            failing.add(mine.update(kit.key("k"), Bytes.ofUtf8("failed " + i), revision + 1 + i));
            failing.add(mine.commit(Txn.builder()
                    .put(kit.key("beside-" + i), Bytes.ofUtf8("failed"))
                    .ifPresent(kit.key("absent"))
                    .build()));
        }
        failing.forEach(future -> Expect.notApplied(kit.failure(future)));
        kit.fence(listener);
        assertThat(listener.changes())
                .extracting(change -> change.key().path())
                .allSatisfy(path -> assertThat(path).matches("/kit/k|/kit/zz-fence-.*"));
        assertThat(kit.list(other, kit.dir()).entries()).hasSize(2);
        assertThat(kit.read(other, kit.key("k"))).isEqualTo("kept");
    }
}
