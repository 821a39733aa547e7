package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which operations made which revision: those acknowledged with it, and those in doubt whose effect somebody saw with it. Several may have
 * made one together if they {@linkplain Sharing may share} it (REV-2).
 */
final class RevisionWriters {
    private final Findings findings;
    private final Sightings sightings;
    private final Floors floors;
    private final Origins origins;
    private final TreeMap<Long, List<Operation>> writers = new TreeMap<>();
    private final TreeMap<Long, List<Operation>> quiet = new TreeMap<>();
    private final TreeMap<Long, Set<Key>> vanished = new TreeMap<>();
    private final Map<Key, List<Operation>> inDoubt = new HashMap<>();
    /** The keys that may have got a lease, which then ends at any time, and until then stays with the key through writes without one. */
    private final Set<Key> leased = new HashSet<>();
    /** Where each key was put for certain: the revisions of the acknowledged operations that put it. */
    private final Map<Key, TreeSet<Long>> puts = new HashMap<>();

    private final Map<Integer, Long> settled = new HashMap<>();
    /** Those in doubt whose revision is no guess: somebody saw a value that nothing else has written. */
    private final Set<Integer> witnessed = new HashSet<>();

    RevisionWriters(History history, Sightings sightings, Floors floors, Findings findings) {
        this.floors = floors;
        this.findings = findings;
        this.sightings = sightings;
        this.origins = new Origins(history);
        history.operations().forEach(this::enter);
        sightings.all().forEach(this::explain);
        sightings.all().forEach(this::explainDeletion);
        int before;
        do {
            before = settled.size();
            // Whoever is known to have been applied proves what was written before.
            history.operations().forEach(this::explainRevisions);
        } while (settled.size() > before);
    }

    /** The operations with puts, or adopted, that made a revision. */
    List<Operation> writers(long revision) {
        return writers.getOrDefault(revision, List.of());
    }

    /** The revisions with a writer. */
    Set<Long> written() {
        return writers.keySet();
    }

    /** Acknowledged transactions without puts; whether they changed anything only a replay can tell. */
    Map<Long, List<Operation>> quiet() {
        return quiet;
    }

    /** Keys that were seen to go at a revision which no operation made: by the end of a lease, or wrongly. */
    Map<Long, Set<Key>> vanished() {
        return vanished;
    }

    /** The keys that somebody saw deleted at a revision. */
    Set<Key> deletedAt(long revision) {
        return sightings.deletedAt(revision);
    }

    /** Whether nothing is known to have made a revision. */
    boolean isFree(long revision) {
        return !writers.containsKey(revision) && !vanished.containsKey(revision);
    }

    /** Whether an operation can have made a revision, alone or together with those that did, as far as that can be told without a replay. */
    boolean admits(Operation operation, long revision) {
        return admits(operation, revision, Sharing.UNKNOWN);
    }

    /**
     * Whether an operation can have made a revision, alone or together with those that did.
     *
     * @param before which keys were there before
     */
    boolean admits(Operation operation, long revision, Predicate<Key> before) {
        return !vanished.containsKey(revision)
                && !isTooLate(operation, revision)
                && writers(revision).stream().noneMatch(other -> Sharing.isForbidden(other, operation, before))
                && quiet.getOrDefault(revision, List.of()).stream()
                        .noneMatch(other -> !other.equals(operation)
                                && Sharing.mustHaveChanged(other)
                                && Sharing.isForbidden(other, operation, before));
    }

    /** Whether an acknowledged write had overwritten what an operation in doubt requires. */
    private boolean isTooLate(Operation operation, long revision) {
        return operation.isInDoubt()
                && ((Call.Commit) operation.call())
                        .conditions().stream()
                                .anyMatch(condition -> condition instanceof Condition.RevisionIs expected
                                        && wasPut(condition.key(), expected.revision(), revision - 1));
    }

    /** The operations in doubt that would set, or else delete, a key, and have not been seen to do so. */
    List<Operation> candidates(Key key, boolean put) {
        List<Operation> found = new ArrayList<>();
        for (Operation operation : inDoubt.getOrDefault(key, List.of())) {
            if (!settled.containsKey(operation.id()) && changes(operation, key, put)) {
                found.add(operation);
            }
        }
        return found;
    }

    void adopt(Operation operation, long revision) {
        writers.computeIfAbsent(revision, r -> new ArrayList<>()).add(operation);
        settled.put(operation.id(), revision);
    }

    private void enter(Operation operation) {
        if (!(operation.call() instanceof Call.Commit commit)) {
            return;
        }
        if (!operation.isFailed()) {
            commit.writes().stream().filter(write -> write.lease() != null).forEach(write -> leased.add(write.key()));
        }
        if (operation.isInDoubt()) {
            commit.writes()
                    .forEach(write -> inDoubt.computeIfAbsent(write.key(), key -> new ArrayList<>())
                            .add(operation));
        } else if (operation.result() instanceof Result.Committed committed) {
            if (!commit.hasPut()) {
                quiet.computeIfAbsent(committed.revision(), revision -> new ArrayList<>())
                        .add(operation);
                return;
            }
            for (Edit write : commit.writes()) {
                if (!write.isDelete()) {
                    puts.computeIfAbsent(write.key(), key -> new TreeSet<>()).add(committed.revision());
                }
            }
            List<Operation> others = writers.computeIfAbsent(committed.revision(), revision -> new ArrayList<>());
            for (Operation other : others) {
                if (Sharing.isForbidden(other, operation, Sharing.UNKNOWN)) {
                    accuse(true, other, operation, committed.revision());
                    return;
                }
            }
            others.add(operation);
        }
    }

    /** Whether a key was put after one revision and up to another, whatever became of the operations in doubt. */
    boolean wasPut(Key key, long after, long upTo) {
        Long revision = puts.getOrDefault(key, new TreeSet<>()).higher(after);
        return revision != null && revision <= upTo;
    }

    /** Whether a key was put by one revision and was there until another and until a deadline, whatever became of the operations in doubt. */
    boolean mustBeThere(Key key, long from, long upTo, long deadline) {
        Long put = puts.getOrDefault(key, new TreeSet<>()).floor(from);
        return put != null && !mayHaveGone(key, put, Math.max(put, upTo), deadline);
    }

    /** Whether somebody saw at which revision an operation was applied. */
    boolean isWitnessed(Operation operation) {
        return !operation.isInDoubt() || witnessed.contains(operation.id());
    }

    /**
     * Whether an operation in doubt may have made a revision after one and up to another, whatever became of the others in doubt: it began
     * before the store was known to have reached the last of these, and some of them is not taken by what excludes it.
     */
    boolean mayHaveMade(Operation operation, long after, long upTo) {
        if (witnessed.contains(operation.id())) {
            long revision = adoptedAt(operation);
            return revision > after && revision <= upTo;
        }
        long from = Math.max(after, floors.anybody(operation).revision());
        // Once it is too late it stays so, and after the last writer nothing is taken.
        return LongStream.rangeClosed(Math.max(from, 0) + 1, upTo)
                .takeWhile(revision -> !isTooLate(operation, revision))
                .anyMatch(revision -> !isTaken(operation, revision));
    }

    private boolean isTaken(Operation operation, long revision) {
        return writers(revision).stream()
                .anyMatch(writer -> !writer.isInDoubt()
                        && ((Call.Commit) writer.call()).hasPut()
                        && Sharing.isForbidden(writer, operation, Sharing.UNKNOWN));
    }

    /** Whether no lease, and no operation in doubt called before a deadline, may have changed a key by a revision where nobody saw it. */
    boolean isInNoDoubt(Key key, long upTo, long deadline) {
        return !leased.contains(key)
                && inDoubt.getOrDefault(key, List.of()).stream()
                        .allMatch(operation -> witnessed.contains(operation.id())
                                || adoptedAt(operation) > upTo
                                        && (operation.called().order() > deadline
                                                || !mayHaveMade(operation, -1, upTo)));
    }

    /** Whether an operation in doubt may have written a key by a revision, at a moment that nobody saw. */
    boolean mayHaveBeenWrittenUnseen(Key key, long upTo) {
        return inDoubt.getOrDefault(key, List.of()).stream()
                .anyMatch(operation -> !witnessed.contains(operation.id()) && mayHaveMade(operation, -1, upTo));
    }

    /** The revisions, up to one, at which a key was to be deleted by transactions without puts that are not known to have changed anything. */
    LongStream idleDeletions(Key key, long upTo) {
        return quiet.headMap(upTo, true).entrySet().stream()
                .filter(entry -> entry.getValue().stream()
                        .anyMatch(operation -> changes(operation, key, false) && !settled.containsKey(operation.id())))
                .mapToLong(Map.Entry::getKey);
    }

    /** Whether an operation that would put, or delete, a key and has not been seen to do so may have done it in a range of revisions. */
    boolean mayHaveChanged(Key key, boolean put, long after, long upTo) {
        return candidates(key, put).stream().anyMatch(operation -> mayHaveMade(operation, after, upTo));
    }

    /** Whether something may have deleted a key, or put and deleted it, after one revision and up to another. */
    boolean mayHaveGone(Key key, long after, long upTo) {
        return mayHaveGone(key, after, upTo, Long.MAX_VALUE);
    }

    private boolean mayHaveGone(Key key, long after, long upTo, long deadline) {
        return leased.contains(key)
                || inDoubt.getOrDefault(key, List.of()).stream()
                        .anyMatch(operation -> changes(operation, key, false)
                                && operation.called().order() < deadline
                                && mayHaveMade(operation, after, upTo))
                || Stream.concat(
                                quiet.subMap(after, false, upTo, true).values().stream(),
                                writers.subMap(after, false, upTo, true).values().stream())
                        .flatMap(List::stream)
                        .anyMatch(operation -> changes(operation, key, false));
    }

    /**
     * Two operations claim one revision that cannot have made it together.
     *
     * @param certain whether that depends on nothing that was guessed
     */
    void accuse(boolean certain, Operation one, Operation two, long revision) {
        String message =
                "the revision " + revision + " was given to two transactions, one of which changes a key that the"
                        + " other changes or tests, " + one + " and " + two;
        findings.found(certain && !one.isInDoubt() && !two.isInDoubt(), "REV-2", message, one, two);
    }

    private void explain(Sightings.Sighting sighting) {
        Entry entry = sighting.item().entry();
        if (entry == null) {
            return;
        }
        List<Operation> makers = writers(entry.revision());
        if (makers.stream().anyMatch(maker -> puts(maker, entry))) {
            return;
        }
        List<Operation> origin = origins.of(entry);
        List<Operation> free = origin.stream()
                .filter(operation -> operation.isInDoubt()
                        && !settled.containsKey(operation.id())
                        && admits(operation, entry.revision()))
                .toList();
        if (free.isEmpty()) {
            accuse(sighting, entry, makers.isEmpty() ? null : makers.get(0), origin);
        } else {
            Operation author = findings.choose(free, "the value " + entry.value() + " of '" + entry.key() + "'");
            adopt(author, entry.revision());
            if (origin.size() == 1) {
                witnessed.add(author.id());
            }
        }
    }

    private void accuse(Sightings.Sighting sighting, Entry entry, @Nullable Operation writer, List<Operation> origin) {
        List<Operation> involved = new ArrayList<>(origin);
        if (writer != null) {
            involved.add(writer);
        }
        if (sighting.reader() != null) {
            involved.add(sighting.reader());
        }
        String rule;
        String message;
        if (origin.stream().allMatch(Operation::isFailed)) {
            rule = origin.isEmpty() ? "VALUE-1" : "WRITE-8";
            message = Origins.about(entry, origin, sighting.who());
        } else {
            Operation author =
                    origin.stream().filter(o -> !o.isFailed()).toList().get(0);
            Long made = author.isInDoubt()
                    ? settled.get(author.id())
                    : Long.valueOf(author.result().revisionOrNone());
            boolean twice =
                    made != null && (author.isInDoubt() || entry.value().equals(sightings.valueAt(entry.key(), made)));
            rule = twice ? "WRITE-7" : made == null ? "REV-2" : "REV-4";
            message = "the key '" + entry.key() + "' had the value " + entry.value() + " of revision "
                    + entry.revision() + " for " + sighting.who() + ", but it was written "
                    + (made == null ? "in doubt" : "at revision " + made) + " by " + author
                    + (writer == null ? "" : ", and that revision belongs to " + writer);
        }
        boolean guessed = origin.stream().anyMatch(Operation::isInDoubt) || writer != null && writer.isInDoubt();
        WatchLog watch = sighting.watch();
        if (watch != null) {
            findings.found(!guessed, rule, message, watch, involved);
        } else {
            findings.found(!guessed, rule, message, involved.toArray(Operation[]::new));
        }
    }

    /** How many operations have been adopted so far. */
    int adopted() {
        return settled.size();
    }

    /** The revision of an operation in doubt, or the largest number if it has none. */
    long adoptedAt(Operation operation) {
        return settled.getOrDefault(operation.id(), Long.MAX_VALUE);
    }

    private void explainDeletion(Sightings.Sighting sighting) {
        Key key = sighting.item().key();
        long revision = sighting.item().revision();
        WatchLog watch = sighting.watch();
        if (sighting.item().entry() != null || watch == null || isDeletionKnown(key, revision)) {
            return;
        }
        List<Operation> free = deletersInDoubt(key, revision);
        Set<Key> gone = sightings.deletedAt(revision);
        // A revision that one operation explains is not taken for one that several have made.
        List<Operation> all = free.stream()
                .filter(operation -> gone.stream()
                        .allMatch(other -> changes(operation, other, false) || isDeletionKnown(other, revision)))
                .toList();
        boolean together = gone.stream()
                .allMatch(other -> isDeletionKnown(other, revision)
                        || !deletersInDoubt(other, revision).isEmpty());
        if (all.isEmpty() && together && !free.isEmpty()) {
            findings.guess("which operations in doubt made the revision " + revision + " together");
        } else {
            free = new ArrayList<>(all);
        }
        if (!free.isEmpty() && !vanished.containsKey(revision)) {
            adopt(likeliest(free, key, revision), revision);
        } else if (isFree(revision) || vanished.containsKey(revision)) {
            vanished.computeIfAbsent(revision, r -> new TreeSet<>()).add(key);
        } else {
            Operation writer = writers(revision).get(0);
            findings.violation(
                    "WATCH-9",
                    "the key '" + key + "' was deleted at revision " + revision + " for " + sighting.who()
                            + ", but that revision belongs to " + writer,
                    watch,
                    List.of(writer));
        }
    }

    private boolean isDeletionKnown(Key key, long revision) {
        return writers(revision).stream().anyMatch(operation -> changes(operation, key, false))
                // One that was called when the store had reached the revision found nothing to do.
                || quiet.getOrDefault(revision, List.of()).stream()
                        .anyMatch(operation -> changes(operation, key, false)
                                && floors.anybody(operation).revision() < revision);
    }

    private List<Operation> deletersInDoubt(Key key, long revision) {
        List<Operation> free = new ArrayList<>(candidates(key, false));
        free.removeIf(operation -> floors.anybody(operation).revision() >= revision || !admits(operation, revision));
        return free;
    }

    /** All changes of a transaction come together, so what would have changed more than was seen is less likely. */
    private Operation likeliest(List<Operation> free, Key key, long revision) {
        free.sort(Comparator.comparingInt(operation -> unseen(operation, revision)));
        int fewest = unseen(free.get(0), revision);
        List<Operation> likely =
                free.stream().filter(o -> unseen(o, revision) == fewest).toList();
        String what = "the deletion of '" + key + "' at " + revision;
        if (likely.size() < free.size()) {
            findings.guess(what + " could be explained in " + free.size() + " ways");
        }
        return findings.choose(likely, what);
    }

    private int unseen(Operation operation, long revision) {
        int unseen = 0;
        for (Edit write : ((Call.Commit) operation.call()).writes()) {
            boolean seen = write.isDelete() && sightings.deletedAt(revision).contains(write.key());
            if (!seen) {
                unseen += write.isDelete() && !seemsThere(write.key(), revision) ? 1 : 100;
            }
        }
        return unseen;
    }

    /** Whether a key was there just before a revision, for all that is known: put, and not seen to go since. */
    private boolean seemsThere(Key key, long revision) {
        Long put = puts.getOrDefault(key, new TreeSet<>()).lower(revision);
        long last = Math.max(put == null ? 0 : put, sightings.lastPut(key, revision));
        return last > 0 && sightings.lastDeletion(key, revision) < last;
    }

    /** Somebody was told the revision of a key and not its value. */
    private void explainRevisions(Operation operation) {
        if (!(operation.call() instanceof Call.Commit commit)) {
            return;
        }
        if (operation.result() instanceof Result.ConditionFailed failed) {
            explain(commit.conditions().get(failed.condition()).key(), failed.actualRevision());
        } else if (!operation.isInDoubt() && !operation.isFailed() || settled.containsKey(operation.id())) {
            for (Condition condition : commit.conditions()) {
                if (condition instanceof Condition.RevisionIs expected) {
                    explain(expected.key(), expected.revision());
                }
            }
        }
    }

    private void explain(Key key, long revision) {
        boolean known = writers(revision).stream().anyMatch(writer -> changes(writer, key, true));
        if (revision > 0 && !known) {
            List<Operation> free = new ArrayList<>(candidates(key, true));
            free.removeIf(
                    operation -> floors.anybody(operation).revision() >= revision || !admits(operation, revision));
            if (!free.isEmpty()) {
                adopt(findings.choose(free, "the revision " + revision + " of '" + key + "'"), revision);
            }
        }
    }

    private static boolean puts(Operation operation, Entry entry) {
        return operation.call() instanceof Call.Commit commit
                && commit.writes().stream()
                        .anyMatch(write ->
                                write.key().equals(entry.key()) && entry.value().equals(write.value()));
    }

    private static boolean changes(Operation operation, Key key, boolean put) {
        return operation.call() instanceof Call.Commit commit
                && commit.writes().stream().anyMatch(write -> write.key().equals(key) && write.isDelete() != put);
    }
}
