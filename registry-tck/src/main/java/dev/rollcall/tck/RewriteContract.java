package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Writes that do not change the value: they are writes all the same. */
public interface RewriteContract extends Contract {
    /** If this fails: the store reports that no row was changed, or something on the way leaves out what seems to change nothing. */
    @Test
    @Rule("WRITE-9")
    default void puttingTheSameValueAgainIsAWrite(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        Key key = kit.key("k");
        Bytes same = Bytes.ofUtf8("same");
        long first = kit.await(writer.put(key, same)).revision();
        RecordingListener watch = kit.watching(observer);
        RecordingListener after = kit.watch(observer, kit.dir(), WatchStart.after(first));
        List<Long> revisions = new ArrayList<>(List.of(first));
        revisions.add(kit.await(writer.put(key, same)).revision());
        told(kit, "a put of the value that was there already", revisions, writer, key, watch, after);
        revisions.add(Expect.succeeds(kit, "WRITE-9", "an update to the value that is there", writer.update(key, same))
                .revision());
        told(kit, "an update to the value that was there already", revisions, writer, key, watch, after);
        long expected = revisions.get(revisions.size() - 1);
        revisions.add(Expect.succeeds(
                        kit,
                        "WRITE-9",
                        "a compare-and-set to the value that is there",
                        writer.update(key, same, expected))
                .revision());
        told(kit, "a compare-and-set to the value that was there already", revisions, writer, key, watch, after);
        revisions.add(kit.await(writer.commit(Txn.builder()
                        .ifPresent(key)
                        .put(key, same)
                        .put(kit.key("beside"), same)
                        .build()))
                .revision());
        told(kit, "a transaction with the value that was there already", revisions, writer, key, watch, after);
        for (long stale : revisions.subList(0, revisions.size() - 1)) {
            KvException failure = kit.failure(observer.update(key, same, stale));
            Expect.that(
                    "WRITE-9",
                    failure instanceof RevisionMismatchException,
                    () -> "A compare-and-set at revision " + stale + " failed with " + failure
                            + " The same value was put again since, at another revision.");
        }
        if (writer.capabilities().contains(Capability.HISTORY)) {
            RecordingListener history = kit.watch(observer, kit.dir(), WatchStart.history(first));
            kit.eventually(
                    "WRITE-9",
                    "a history watch delivers " + (revisions.size() - 1) + " writes of the same value",
                    () -> history.changes().stream()
                                    .filter(change -> change.key().equals(key))
                                    .count()
                            == revisions.size() - 1);
        }
    }

    /** If this fails: only values are compared, or only the table of values is watched. */
    @Test
    @Rule("WRITE-9")
    default void changeOfTheLeaseAloneIsAWrite(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        Key key = kit.key("k");
        Bytes same = Bytes.ofUtf8("same");
        Lease lease = kit.lease(writer);
        Lease second = kit.lease(writer);
        Lease others = kit.lease(observer);
        long first = kit.await(writer.put(key, same)).revision();
        RecordingListener watch = kit.watching(observer);
        RecordingListener after = kit.watch(observer, kit.dir(), WatchStart.after(first));
        List<Long> revisions = new ArrayList<>(List.of(first));
        revisions.add(kit.await(writer.put(key, same, lease)).revision());
        told(kit, "a put that gave the entry a lease and left its value", revisions, writer, key, watch, after);
        Expect.leased("WRITE-9", "in what a watch holds after a put that only gave a lease", watch.held(), key, true);
        revisions.add(kit.await(writer.put(key, same, second)).revision());
        told(kit, "a put that moved the entry to another lease", revisions, writer, key, watch, after);
        revisions.add(kit.await(observer.put(key, same, others)).revision());
        told(kit, "a put that moved the entry to the lease of another handle", revisions, writer, key, watch, after);
        revisions.add(kit.await(writer.put(key, same)).revision());
        told(kit, "a put of the same value that left the lease", revisions, writer, key, watch, after);
        Expect.leased("WRITE-9", "in a list after a put that left the lease", kit.list(writer, kit.dir()), key, true);
    }

    /** The last of these revisions is new, read by others and delivered. */
    private static void told(
            Kit kit, String what, List<Long> revisions, KvBackend reader, Key key, RecordingListener... listeners) {
        long before = revisions.get(revisions.size() - 2);
        long revision = revisions.get(revisions.size() - 1);
        Expect.that(
                "WRITE-9",
                revision > before,
                () -> "The revision of " + what + " is " + revision + ", and the write before it had " + before
                        + "; every put must have a revision of its own.");
        KeyValue entry = kit.await(reader.get(key)).entryOrNull();
        Expect.that(
                "WRITE-9",
                entry != null && entry.revision() == revision,
                () -> "The entry that was read after " + what + " at revision " + revision + " is " + entry
                        + "; it must have that revision.");
        for (RecordingListener listener : listeners) {
            kit.eventually(
                    "WRITE-9",
                    "a watch delivers " + what + ", at revision " + revision,
                    () -> listener.held(key)
                            .filter(held -> held.revision() == revision)
                            .isPresent());
        }
    }
}
