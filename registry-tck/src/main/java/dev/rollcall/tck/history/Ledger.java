package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which operation made which revision: those acknowledged with it, and those in doubt whose effect somebody saw with it. */
final class Ledger {
    private final Findings findings;
    private final Sightings sightings;
    private final Floors floors;
    private final Origins origins;
    private final TreeMap<Long, Operation> writers = new TreeMap<>();
    private final TreeMap<Long, List<Operation>> quiet = new TreeMap<>();
    private final TreeMap<Long, Set<Key>> vanished = new TreeMap<>();
    private final Map<Key, List<Operation>> inDoubt = new HashMap<>();
    private final Map<Integer, Long> settled = new HashMap<>();

    Ledger(History history, Sightings sightings, Floors floors, Findings findings) {
        this.floors = floors;
        this.findings = findings;
        this.sightings = sightings;
        this.origins = new Origins(history);
        history.operations().forEach(this::enter);
        sightings.all().forEach(this::explain);
        sightings.all().forEach(this::explainDeletion);
        history.operations().forEach(this::explainRevisions);
    }

    /** The operation with puts, or adopted, that made a revision. */
    @Nullable
    Operation writer(long revision) {
        return writers.get(revision);
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

    boolean isFree(long revision) {
        return !writers.containsKey(revision) && !vanished.containsKey(revision);
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
        writers.put(revision, operation);
        settled.put(operation.id(), revision);
    }

    private void enter(Operation operation) {
        if (!(operation.call() instanceof Call.Commit commit)) {
            return;
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
            Operation other = writers.putIfAbsent(committed.revision(), operation);
            if (other != null) {
                findings.certain(
                        "REV-2",
                        "the revision " + committed.revision() + " was given to two transactions, " + other + " and "
                                + operation,
                        other,
                        operation);
            }
        }
    }

    private void explain(Sightings.Sighting sighting) {
        Entry entry = sighting.item().entry();
        if (entry == null) {
            return;
        }
        Operation writer = writers.get(entry.revision());
        if (writer != null && puts(writer, entry)) {
            return;
        }
        List<Operation> origin = origins.of(entry);
        List<Operation> free = origin.stream()
                .filter(operation -> operation.isInDoubt() && !settled.containsKey(operation.id()))
                .toList();
        if (writer == null && !free.isEmpty()) {
            adopt(findings.choose(free, "the value " + entry.value() + " of '" + entry.key() + "'"), entry.revision());
        } else {
            accuse(sighting, entry, writer, origin);
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
        Operation[] operations = involved.toArray(Operation[]::new);
        WatchLog watch = sighting.watch();
        if (watch != null && guessed) {
            findings.violation(rule, message, watch, involved);
        } else if (watch != null) {
            findings.certain(rule, message, watch, involved);
        } else if (guessed) {
            findings.violation(rule, message, operations);
        } else {
            findings.certain(rule, message, operations);
        }
    }

    /** The revision of an operation in doubt, or the largest number if it has none. */
    long adoptedAt(Operation operation) {
        return settled.getOrDefault(operation.id(), Long.MAX_VALUE);
    }

    private void explainDeletion(Sightings.Sighting sighting) {
        Key key = sighting.item().key();
        long revision = sighting.item().revision();
        Operation writer = writers.get(revision);
        boolean known = sighting.item().entry() != null
                || writer != null && changes(writer, key, false)
                || quiet.getOrDefault(revision, List.of()).stream().anyMatch(o -> changes(o, key, false));
        WatchLog watch = sighting.watch();
        if (known || watch == null) {
            return;
        }
        if (writer != null) {
            findings.violation(
                    "WATCH-9",
                    "the key '" + key + "' was deleted at revision " + revision + " for " + sighting.who()
                            + ", but that revision belongs to " + writer,
                    watch,
                    List.of(writer));
            return;
        }
        List<Operation> free = new ArrayList<>(candidates(key, false));
        free.removeIf(operation -> floors.anybody(operation).revision() >= revision
                || !sightings.deletedAt(revision).stream().allMatch(gone -> changes(operation, gone, false)));
        if (free.isEmpty() || vanished.containsKey(revision)) {
            vanished.computeIfAbsent(revision, r -> new TreeSet<>()).add(key);
            return;
        }
        // All changes of a revision come together, so what would have changed more than was seen is less likely.
        free.sort(Comparator.comparingInt(operation -> unseen(operation, revision)));
        int fewest = unseen(free.get(0), revision);
        List<Operation> likely =
                free.stream().filter(o -> unseen(o, revision) == fewest).toList();
        String what = "the deletion of '" + key + "' at " + revision;
        if (likely.size() < free.size()) {
            findings.guess(what + " could be explained in " + free.size() + " ways");
        }
        adopt(findings.choose(likely, what), revision);
    }

    private int unseen(Operation operation, long revision) {
        int unseen = 0;
        for (Edit write : ((Call.Commit) operation.call()).writes()) {
            unseen += write.isDelete() ? (sightings.deletedAt(revision).contains(write.key()) ? 0 : 1) : 100;
        }
        return unseen;
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
        if (revision > 0 && isFree(revision)) {
            List<Operation> free = candidates(key, true);
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
