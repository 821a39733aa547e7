package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds out which of the acknowledged transactions without puts have changed something, and replays them. */
final class QuietWrites {
    private final Replay replay;
    private final RevisionWriters revisionWriters;
    private final SharedRevisions shared;
    private final ReadCheck check;
    private final Floors floors;
    private final Findings findings;

    QuietWrites(Replay replay, SharedRevisions shared, ReadCheck check, Floors floors, Findings findings) {
        this.replay = replay;
        this.revisionWriters = replay.revisionWriters();
        this.shared = shared;
        this.check = check;
        this.floors = floors;
        this.findings = findings;
    }

    /** Transactions without puts: some have made the revision, by themselves or with others, and some found nothing to do at it. */
    void replay(List<Operation> operations, long revision) {
        List<Operation> left = new ArrayList<>(operations);
        left.removeAll(
                makers(operations.stream().filter(Sharing::mustHaveChanged).toList(), revision, true));
        left.removeAll(makers(
                left.stream()
                        .filter(operation -> !Sharing.mustHaveChanged(operation))
                        .toList(),
                revision,
                false));
        for (Operation operation : left) {
            Optional<Operation> other = Stream.concat(
                            revisionWriters.writers(revision).stream(),
                            left.stream().filter(Sharing::mustHaveChanged))
                    .filter(writer -> Sharing.mustHaveChanged(operation)
                            && !writer.equals(operation)
                            && Sharing.isForbidden(
                                    writer, operation, replay.versions().before(revision)))
                    .findFirst();
            if (other.isPresent()) {
                shared.accuse(other.get(), operation, revision);
            } else {
                check.unchanged(operation, revision);
            }
        }
    }

    /** Finds those that have made a revision, and applies them. */
    private List<Operation> makers(List<Operation> operations, long revision, boolean must) {
        List<Operation> made = new ArrayList<>();
        while (true) {
            List<Operation> able = new ArrayList<>();
            for (Operation operation : operations) {
                if (!made.contains(operation)
                        && revisionWriters.admits(
                                operation, revision, replay.versions().before(revision))
                        && canHaveMade(operation, revision)) {
                    able.add(operation);
                }
            }
            Optional<Operation> maker = able.isEmpty() ? Optional.empty() : chooseMaker(able, revision, must);
            if (maker.isEmpty()) {
                return made;
            }
            revisionWriters.adopt(maker.get(), revision);
            replay.apply(maker.get(), revision);
            made.add(maker.get());
        }
    }

    private Optional<Operation> chooseMaker(List<Operation> able, long revision, boolean must) {
        // What is seen to go is best explained by whatever deletes most of it.
        long most = able.stream()
                .mapToLong(operation -> seenToGo(operation, revision))
                .max()
                .orElse(0);
        List<Operation> likely = able.stream()
                .filter(operation -> seenToGo(operation, revision) == most)
                .toList();
        List<Optional<Operation>> options = new ArrayList<>();
        for (Operation operation : likely) {
            if (Sharing.isForbidden(likely.get(0), operation, replay.versions().before(revision))) {
                options.add(Optional.of(operation));
            }
        }
        boolean othersCould = options.stream()
                .flatMap(Optional::stream)
                .flatMap(operation -> ((Call.Commit) operation.call()).writes().stream())
                .anyMatch(write -> revisionWriters.mayHaveChanged(write.key(), false, -1, revision));
        if (!must && most == 0 && othersCould) {
            options.add(Optional.empty());
        }
        return findings.choose(options, "the revision " + revision);
    }

    /** How many of the keys that an operation deletes are there still and were seen to go at a revision. */
    private long seenToGo(Operation operation, long revision) {
        return ((Call.Commit) operation.call())
                .writes().stream()
                        .filter(write -> replay.cell(write.key()) != null
                                && revisionWriters.deletedAt(revision).contains(write.key()))
                        .count();
    }

    private boolean canHaveMade(Operation operation, long revision) {
        Call.Commit commit = (Call.Commit) operation.call();
        if (commit.writes().isEmpty() || floors.anybody(operation).revision() >= revision) {
            return false;
        }
        boolean hits = commit.writes().stream().anyMatch(write -> replay.cell(write.key()) != null);
        for (Condition condition : commit.conditions()) {
            if (replay.holds(condition)) {
                continue;
            }
            // What requires a key and deletes it cannot have found nothing to do.
            boolean certain =
                    !(condition instanceof Condition.Absent) && commit.writes().contains(Edit.delete(condition.key()));
            if (!certain && !hits || !replay.mend(condition, revision - 1)) {
                return false;
            }
            if (!certain) {
                findings.guess("whether " + operation + " changed anything");
            }
        }
        commit.conditions().forEach(condition -> replay.evidence().confirm(condition.key(), revision - 1));
        return commit.conditions().stream().allMatch(replay::holds)
                && commit.writes().stream().anyMatch(write -> replay.cell(write.key()) != null);
    }
}
