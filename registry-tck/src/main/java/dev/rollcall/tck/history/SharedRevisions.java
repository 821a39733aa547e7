package dev.rollcall.tck.history;

import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.Versions.Version;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Compares the transactions that have made one revision with the state before it: whether they {@linkplain Sharing may share} it. */
final class SharedRevisions {
    private final Replay replay;

    SharedRevisions(Replay replay) {
        this.replay = replay;
    }

    /** What two writers of one revision delete was absent, since otherwise one of them has changed what the other did. */
    void require(List<Operation> writers, long revision) {
        for (int i = 1; i < writers.size(); i++) {
            for (Operation other : writers.subList(0, i)) {
                require(other, writers.get(i), revision);
            }
        }
    }

    private void require(Operation one, Operation two, long revision) {
        if (isForbidden(one, two, revision)) {
            for (Key key : deletedByBoth(one, two)) {
                if (replay.cell(key) != null) {
                    replay.mend(key, false, revision - 1);
                }
            }
            if (isForbidden(one, two, revision)) {
                accuse(one, two, revision);
            }
        }
    }

    private static Set<Key> deletedByBoth(Operation one, Operation two) {
        Set<Key> keys = new TreeSet<>();
        for (Edit write : ((Call.Commit) one.call()).writes()) {
            if (write.isDelete() && ((Call.Commit) two.call()).writes().contains(write)) {
                keys.add(write.key());
            }
        }
        return keys;
    }

    /** Whether one of two transactions has changed at a revision what the other changed or tested. */
    boolean isForbidden(Operation one, Operation two, long revision) {
        return Sharing.isForbidden(one, two, replay.versions().before(revision));
    }

    void accuse(Operation one, Operation two, long revision) {
        // What may have changed nothing may have come after the other, and found nothing to do.
        boolean certain = hasChanged(one)
                && hasChanged(two)
                && Sharing.isForbidden(one, two, key -> isCertainlyThere(key, revision - 1));
        replay.revisionWriters().accuse(certain, one, two, revision);
    }

    private static boolean hasChanged(Operation operation) {
        return ((Call.Commit) operation.call()).hasPut() || Sharing.mustHaveChanged(operation);
    }

    /** Whether an acknowledged write has put a key, and nothing can have deleted it since, whatever was guessed. */
    private boolean isCertainlyThere(Key key, long revision) {
        Version version = replay.versions().at(key, revision);
        return version != null
                && version.cell() != null
                && replay.revisionWriters().wasPut(key, version.revision() - 1, version.revision())
                && !replay.revisionWriters().mayHaveGone(key, version.revision(), revision);
    }
}
