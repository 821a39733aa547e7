package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one registration, and what to do about what the store holds at them.
 *
 * <p>The claim's value is {@code incarnation#term} or {@code incarnation#term#owner}: the incarnation is this object, the term counts the leases it has
 * had, and the owner is what the host calls itself, if it has a name that outlives this object. So one read tells whether an entry is ours, and whether it
 * is under the present lease, also after a write whose reply was lost. Every write is conditional on claim and record being exactly as they were seen; one
 * that is delayed on its way can therefore never undo a later one.
 *
 * <p>A record that is kept is written together with its mark, always, so that the mark has the record's revision for as long as nobody else
 * writes the record.
 *
 * <p>Confined to its registration's lane.
 */
final class Claim {
    /** Of values in doubt: each may be as large as the store allows, and a store may leave every write in doubt for hours. */
    private static final int MOST_DOUBTFUL = 8;

    private final Key record;
    private final Key claim;
    private final Key mark;
    private final RegistrationMode mode;
    private final @Nullable String owner;
    private final String incarnation = UUID.randomUUID().toString();

    /** Whether a claim was ever sent: from then on, one by another incarnation of the same owner has displaced this one. */
    private boolean attempted;
    /** What writes in doubt may have put there, since it was known last what stands in the store. */
    private final Set<Bytes> doubtful = new HashSet<>();

    /** The incarnation of the same owner whose claim this one takes over; null if the id was free. */
    private @Nullable String former;

    private int term;

    /** The value that was sent last, whether or not it has arrived. */
    private @Nullable Bytes sent;

    Claim(Key record, Key claim, Key mark, RegistrationMode mode, @Nullable String owner) {
        this.record = record;
        this.claim = claim;
        this.mark = mark;
        this.mode = mode;
        this.owner = owner;
    }

    Key record() {
        return record;
    }

    Key claim() {
        return claim;
    }

    /** What tells this owner from every other one, former selves included. */
    String incarnation() {
        return incarnation;
    }

    /** The incarnation that a claim is of. */
    static String incarnation(Bytes claim) {
        return Parts.of(claim).incarnation();
    }

    /** The keys whose changes by others matter. */
    List<Key> keys() {
        return keeps() ? List.of(claim, record, mark) : List.of(claim, record);
    }

    /** Whether the record outlives its owner. */
    boolean keeps() {
        return mode == RegistrationMode.PERSISTENT;
    }

    private void putKept(Txn.Builder txn, Bytes value) {
        txn.put(record, value).put(mark, Bytes.ofUtf8(incarnation));
    }

    /** What the store held; the mark is not looked at, and null, where no record is kept. */
    record Seen(GetResult claim, GetResult record, @Nullable GetResult mark) {
        /** The reads are as many moments; the earliest is the one that all are known for. */
        long revision() {
            long both = Math.min(claim.revision(), record.revision());
            return mark == null ? both : Math.min(both, mark.revision());
        }
    }

    /** Looks at all there is. */
    CompletableFuture<Seen> read(KvBackend backend) {
        CompletableFuture<GetResult> claimRead = backend.get(claim);
        CompletableFuture<GetResult> recordRead = backend.get(record);
        if (!keeps()) {
            return claimRead.thenCombine(recordRead, (held, present) -> new Seen(held, present, null));
        }
        CompletableFuture<GetResult> markRead = backend.get(mark);
        return claimRead
                .thenCombine(recordRead, (held, present) -> new Seen(held, present, null))
                .thenCombine(markRead, (both, marked) -> new Seen(both.claim(), both.record(), marked));
    }

    /** Refuses what the store would refuse, before it is promised to be written. */
    Bytes checked(Bytes value) {
        return new Write.Put(record, value, null).value();
    }

    /** A new lease has been granted: what was claimed before is not covered by it. */
    void nextTerm() {
        term++;
    }

    /** Whether this value would be known for one of ours after a write in doubt. */
    boolean canDoubt(Bytes value) {
        return doubtful.size() < MOST_DOUBTFUL || doubtful.contains(value);
    }

    /** A write of this value, of which that was asked before, has failed, and may have been applied. */
    void mayHaveWritten(Bytes value) {
        if (!keeps()) {
            // A kept record is adopted whoever has written it.
            doubtful.add(value);
        }
    }

    /** What stands in the store is known. */
    void settled() {
        doubtful.clear();
    }

    private Bytes token() {
        return Bytes.ofUtf8(incarnation + "#" + term + (owner == null ? "" : "#" + owner));
    }

    /** What a claim says. */
    private record Parts(String incarnation, String owner) {
        static Parts of(Bytes value) {
            String[] parts = value.utf8().split("#", 3);
            return new Parts(parts[0], parts.length < 3 ? "" : parts[2]);
        }
    }

    /** What to do. */
    sealed interface Step {
        /** All is as it shall be. */
        record Nothing(long claimRevision, long recordRevision) implements Step {}

        /** The id is someone else's; for good, if it was taken over. */
        record Conflict(String reason, boolean isFinal) implements Step {}

        /** Something is missing or not ours; {@code why} says what, and is null if only a newer value of ours waits to be written. */
        record Repair(Txn txn, Footing footing, @Nullable String why) implements Step {}
    }

    /** The revisions after a repair: of what it did not write as they were, of the rest that of the commit. */
    record Footing(long claimRevision, long recordRevision) {
        /** Stands for the revision of the commit. */
        private static final long WRITTEN = 0;

        Footing at(Commit commit) {
            return new Footing(
                    claimRevision == WRITTEN ? commit.revision() : claimRevision,
                    recordRevision == WRITTEN ? commit.revision() : recordRevision);
        }
    }

    /** Compares what the store held with what it shall hold. */
    Step decide(Seen seen, Bytes desired, Lease lease, long lastWrittenRevision) {
        KeyValue held = seen.claim().entryOrNull();
        KeyValue present = seen.record().entryOrNull();
        boolean leased = !keeps();
        if (held != null && !isOurs(held.value())) {
            Parts parts = Parts.of(held.value());
            if (owner == null || !owner.equals(parts.owner())) {
                return new Step.Conflict("another owner has claimed the id, at revision " + held.revision(), false);
            }
            if (attempted && !parts.incarnation().equals(former)) {
                return new Step.Conflict(
                        "another process of the owner '" + Printable.text(owner)
                                + "' has taken the id over, at revision " + held.revision(),
                        true);
            }
            former = parts.incarnation();
        }
        // A write in doubt may have left the record under a lease that we hold, while somebody has deleted its claim:
        // it would stand for ever.
        boolean mayBeOurs = present != null && present.leased() && doubtful.contains(present.value());
        if (held == null && present != null && leased && !mayBeOurs && present.revision() != lastWrittenRevision) {
            return new Step.Conflict(
                    "a record that is not ours stands there, at revision " + present.revision()
                            + (present.leased() ? ", with a lease" : ", without a lease: remove it if nobody needs it"),
                    false);
        }
        boolean claimed = held != null && held.value().equals(token());
        boolean recorded = present != null
                && present.value().equals(desired)
                // Under a former lease the record would go with that one; without its mark it would be judged by what
                // it says.
                && (leased ? claimed && present.leased() : isMarked(seen, present));
        if (claimed && recorded && held != null && present != null) {
            return new Step.Nothing(held.revision(), present.revision());
        }
        Txn.Builder txn = Txn.builder();
        if (held == null) {
            txn.ifAbsent(claim);
        } else {
            txn.ifRevision(claim, held.revision());
        }
        if (present == null) {
            txn.ifAbsent(record);
        } else {
            txn.ifRevision(record, present.revision());
        }
        if (!claimed) {
            attempted = true;
            txn.put(claim, token(), lease);
        }
        if (leased && !claimed) {
            // It would be of a kept record that was there before.
            txn.delete(mark);
        }
        if (!recorded) {
            if (leased) {
                txn.put(record, desired, lease);
            } else {
                putKept(txn, desired);
            }
        }
        Footing footing = new Footing(
                claimed && held != null ? held.revision() : Footing.WRITTEN,
                recorded && present != null ? present.revision() : Footing.WRITTEN);
        boolean outdated = claimed && present != null && isLastOfOurs(present, lastWrittenRevision);
        sent = desired;
        return new Step.Repair(txn.build(), footing, outdated ? null : describe(held, present, claimed, desired));
    }

    /** Whether a record is what was written last, or what was sent last by a request whose answer was lost. */
    private boolean isLastOfOurs(KeyValue present, long lastWrittenRevision) {
        return present.revision() == lastWrittenRevision
                || (sent != null && present.value().equals(sent));
    }

    private static boolean isMarked(Seen seen, KeyValue present) {
        KeyValue marked = seen.mark() == null ? null : seen.mark().entryOrNull();
        return marked != null && marked.revision() == present.revision();
    }

    private static String describe(
            @Nullable KeyValue held, @Nullable KeyValue present, boolean claimed, Bytes desired) {
        if (present == null) {
            return held == null ? "the node was gone" : "the record was gone";
        }
        if (held == null) {
            return "the claim was gone";
        }
        if (!claimed) {
            return "the claim stood under a former lease, or was a former self's";
        }
        return present.value().equals(desired)
                ? "the record was written by someone else, or what stands beside it was"
                : "the record was changed by someone else";
    }

    /** Where our keys stand if the claim is ours and the record is there, else null. */
    @Nullable
    Footing standing(Seen seen) {
        KeyValue held = seen.claim().entryOrNull();
        KeyValue present = seen.record().entryOrNull();
        return held != null && present != null && isOurs(held.value())
                ? new Footing(held.revision(), present.revision())
                : null;
    }

    /** Writes a newer record over the one that was written last, if nothing has happened to either key since. */
    Txn update(Footing footing, Bytes desired) {
        sent = desired;
        Txn.Builder txn = ifUnchanged(footing);
        if (keeps()) {
            putKept(txn, desired);
        } else {
            txn.put(record, desired);
        }
        return txn.build();
    }

    private Txn.Builder ifUnchanged(Footing footing) {
        return Txn.builder().ifRevision(claim, footing.claimRevision()).ifRevision(record, footing.recordRevision());
    }

    /** Leaves the kept record as {@code departed} and gives the id free. */
    Txn depart(Footing footing, Bytes departed) {
        Txn.Builder txn = ifUnchanged(footing);
        putKept(txn, departed);
        return txn.delete(claim).build();
    }

    /** Removes all that stands for the node. */
    Txn remove(Footing footing) {
        return ifUnchanged(footing).delete(record).delete(claim).delete(mark).build();
    }

    private boolean isOurs(Bytes value) {
        return Parts.of(value).incarnation().equals(incarnation);
    }
}
