package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Leases under contention, with lost replies and disconnected observers: what works without a lease need not work with one. */
public interface LeaseFaultContract extends Contract {
    /** If this fails: with a lease the key is looked at first and then put, or the loser's lease takes what the winner put. */
    @Test
    @Rule({"WRITE-2", "LEASE-7"})
    default void ofManyWhoCreateAKeyWithALeaseOneHoldsIt(Kit kit) {
        int claimants = 6;
        List<KvBackend> handles = List.of(kit.backend(), kit.open(), kit.open());
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < claimants; i++) {
            leases.add(kit.lease(handles.get(i % handles.size())));
        }
        Map<Key, Integer> winners = new ConcurrentHashMap<>();
        for (int round = 0; round < 5; round++) {
            Key key = kit.key("claim-" + round);
            Crowd.of(claimants).run(worker -> {
                KvBackend handle = handles.get(worker % handles.size());
                CompletableFuture<Commit> claim = handle.create(key, Bytes.ofUtf8("by " + worker), leases.get(worker));
                if (kit.succeeded(claim)) {
                    Integer other = winners.put(key, worker);
                    Expect.that(
                            "WRITE-2",
                            other == null,
                            () -> "Both " + other + " and " + worker + " of " + claimants + " claimants created " + key
                                    + " with their leases; exactly one may.");
                } else {
                    KvException failure = kit.failure(claim);
                    Expect.that(
                            "WRITE-2",
                            failure instanceof KeyExistsException,
                            () -> "A create of a key that another creates failed with " + failure);
                }
            });
            Integer winner = winners.get(key);
            Expect.that("WRITE-2", winner != null, () -> "Nobody of " + claimants + " created " + key + ".");
            String value = kit.read(handles.get(0), key);
            Expect.that(
                    "WRITE-2",
                    ("by " + winner).equals(value),
                    () -> key + " was created by claimant " + winner + ", but it holds '" + value + "'.");
        }
        for (int i = 0; i < claimants; i++) {
            kit.revoke(leases.get(i));
            int revoked = i;
            Key[] left = winners.entrySet().stream()
                    .filter(claim -> claim.getValue() > revoked)
                    .map(Map.Entry::getKey)
                    .toArray(Key[]::new);
            Expect.left(
                    kit,
                    "LEASE-7",
                    "once the leases of the claimants up to " + i + " were revoked",
                    handles.get(1),
                    kit.dir(),
                    left);
        }
    }

    /** If this fails: only plain puts are guarded against being sent again, or the outcome of others is guessed. */
    @Test
    @Rule({"WRITE-6", "WRITE-7"})
    @Needs(Hook.LOSE_ANSWER)
    default void writesOfEveryKindWhoseAnswerIsLostAreUnknownAndAppliedOnce(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(mine);
        Key leased = kit.key("leased-put");
        Key deleted = kit.key("delete");
        Key compared = kit.key("delete-at-a-revision");
        Key one = kit.key("txn/one");
        Key two = kit.key("txn/two");
        kit.put(other, deleted, "old");
        long revision = kit.put(other, compared, "old");
        kit.await(mine.list(kit.dir()));
        Map<String, Supplier<CompletableFuture<Commit>>> writes = new LinkedHashMap<>();
        Map<String, List<Key>> turned = Map.of(
                "a put with a lease", List.of(leased),
                "a delete", List.of(deleted),
                "a delete at a revision", List.of(compared),
                "a transaction that puts two keys, one of them with a lease", List.of(one, two));
        writes.put("a put with a lease", () -> mine.put(leased, Bytes.ofUtf8("new"), lease));
        writes.put("a delete", () -> mine.delete(deleted));
        writes.put("a delete at a revision", () -> mine.delete(compared, revision));
        writes.put(
                "a transaction that puts two keys, one of them with a lease",
                () -> mine.commit(Txn.builder()
                        .put(one, Bytes.ofUtf8("new"))
                        .put(two, Bytes.ofUtf8("new"), lease)
                        .build()));
        writes.forEach((what, write) -> {
            kit.store().loseNextAnswer(kit.handle(mine));
            CompletableFuture<Commit> answer = write.get();
            FaultSteps.endsInTime(kit, answer);
            if (!kit.succeeded(answer)) {
                KvException failure = kit.failure(answer);
                Expect.that(
                        "WRITE-6",
                        failure.outcome() == Outcome.UNKNOWN,
                        () -> "The answer to " + what + ", which was applied, was lost; it failed with " + failure
                                + " The outcome must be UNKNOWN, but is " + failure.outcome() + ".");
            }
            FaultSteps.awaitReachable(kit, mine);
            // Turned round by another at once: a second application, which the next write may bring along, would show.
            for (Key key : turned.getOrDefault(what, List.of())) {
                CompletableFuture<Commit> turn =
                        what.contains("put") ? other.delete(key) : other.create(key, Bytes.ofUtf8("again"));
                Expect.succeeds(kit, "WRITE-6", "turning round " + what + ", which was applied,", turn);
            }
        });
        kit.elapse(kit.fixture().deadline());
        kit.put(mine, kit.key("later"), "1");
        Expect.onlyKeys(
                "WRITE-7",
                "after others had turned round what was written once, and its answer lost",
                kit.list(other, kit.dir()),
                deleted,
                compared,
                kit.key("later"));
    }

    /** If this fails: the end of a lease is known from an event only, and what comes while nobody listens is lost. */
    @Test
    @Rule({"WATCH-11", "LEASE-3"})
    @Needs(Hook.CUT)
    default void endOfALeaseDuringACutIsMadeUpForAtOnce(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend observer = kit.open();
        Lease lease = kit.lease(holder);
        for (int i = 0; i < 5; i++) {
            kit.await(holder.put(kit.key("k" + i), Bytes.EMPTY, lease));
        }
        Cut list = kit.list(observer, kit.dir());
        RecordingListener fresh = kit.watching(observer);
        RecordingListener after = kit.watch(observer, kit.dir(), WatchStart.after(list.revision()));
        kit.store().cut(kit.handle(observer));
        kit.revoke(lease);
        kit.put(holder, kit.key("written-afterwards"), "1");
        kit.store().heal(kit.handle(observer));
        kit.eventually(
                "WATCH-11",
                "a watch holds what was written after a lease had ended during a cut",
                () -> fresh.held(kit.key("written-afterwards")).isPresent());
        Expect.onlyKeys(
                "WATCH-11",
                "after a cut during which the lease of five entries had ended",
                fresh.held(),
                kit.key("written-afterwards"));
        kit.eventually(
                "WATCH-11",
                "a watch after a revision delivers what was written during a cut, or ends",
                () -> after.hasEnded()
                        || after.held(kit.key("written-afterwards")).isPresent());
        if (!after.hasEnded()) {
            Expect.onlyKeys(
                    "WATCH-11",
                    "from a list on, over a cut during which the lease of five entries had ended",
                    after.heldFrom(list),
                    kit.key("written-afterwards"));
        }
    }

    @Test
    @Rule({"WATCH-16", "WATCH-4"})
    @Requires(Capability.HISTORY)
    default void historyTellsTheEndOfALeaseOnce(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend observer = kit.open();
        Lease lease = kit.lease(holder);
        long start = kit.put(kit.key("kept"), "1");
        RecordingListener live = kit.watch(observer, kit.dir(), WatchStart.history(start));
        List<Key> leased = List.of(kit.key("k0"), kit.key("k1"), kit.key("k2"));
        for (Key key : leased) {
            kit.await(holder.put(key, Bytes.EMPTY, lease));
        }
        kit.revoke(lease);
        RecordingListener replayed = kit.watch(observer, kit.dir(), WatchStart.history(start));
        for (RecordingListener listener : List.of(live, replayed)) {
            kit.fence(listener);
            List<Changes> told = listener.signals().stream()
                    .map(Changes.class::cast)
                    .filter(changes -> changes.changes().stream().anyMatch(change -> leased.contains(change.key())))
                    .toList();
            Expect.that(
                    "WATCH-16",
                    told.stream()
                            .map(changes -> changes.changes().size())
                            .toList()
                            .equals(List.of(1, 1, 1, 3)),
                    () ->
                            "Three entries with one lease are three revisions, and its end is one with three deletions, but"
                                    + " a history watch told " + told + ".");
        }
    }

    /** If this fails: what is compared is not taken away with the entry, or what the holder remembers is believed. */
    @Test
    @Rule({"WRITE-4", "WRITE-5"})
    default void compareAndSetFailsOnceTheLeaseOfTheEntryHasEnded(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        Key key = kit.key("k");
        kit.await(holder.create(key, Bytes.ofUtf8("1"), lease));
        for (KvBackend reader : List.of(holder, other)) {
            kit.await(reader.get(key));
        }
        long seen = kit.await(other.get(key)).entry().orElseThrow().revision();
        kit.revoke(lease);
        for (KvBackend handle : List.of(holder, other)) {
            RevisionMismatchException gone =
                    kit.failure(handle.update(key, Bytes.ofUtf8("2"), seen), RevisionMismatchException.class);
            Expect.that(
                    "WRITE-4",
                    gone.actualRevision().isEmpty(),
                    () -> "A compare-and-set of an entry that went with its lease tells the actual revision "
                            + gone.actualRevision().orElse(0) + "; the key is absent, so there is none.");
        }
        Lease next = kit.lease(holder);
        kit.await(holder.create(key, Bytes.ofUtf8("1"), next));
        for (KvBackend handle : List.of(holder, other)) {
            CompletableFuture<Commit> stale = handle.update(key, Bytes.ofUtf8("2"), seen);
            Expect.that(
                    "WRITE-5",
                    !kit.succeeded(stale),
                    () ->
                            "A compare-and-set at the revision of an entry that went with its lease succeeded on the entry that was"
                                    + " created after it.");
        }
    }
}
