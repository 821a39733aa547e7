package dev.rollcall.inmemory;

import dev.rollcall.kv.Change;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The latest transactions of a store, by revision: a ring in which each new one takes the place of the oldest. */
final class RecentTransactions {
    /*
     * Concurrency: written under the store data's lock only, read without it. A slot holds an immutable object that knows its
     * revision, so that a reader sees whether it came too late.
     */
    private final AtomicReferenceArray<@Nullable Transaction> slots;
    private volatile long compacted;

    /** What changed in one revision, in order of key. */
    record Transaction(long revision, List<Change> changes) {}

    RecentTransactions(int limit) {
        this.slots = new AtomicReferenceArray<>(limit);
    }

    int limit() {
        return slots.length();
    }

    /** The last revision that is no longer here; all later ones are. */
    long compacted() {
        return compacted;
    }

    /** The transaction of this revision, or null if it was compacted or is yet to come. */
    @Nullable
    Transaction at(long revision) {
        Transaction found = slots.get(slot(revision));
        return found != null && found.revision() == revision ? found : null;
    }

    void append(Transaction transaction) {
        compacted = Math.max(compacted, transaction.revision() - slots.length());
        slots.set(slot(transaction.revision()), transaction);
    }

    void compact(long through) {
        long first = compacted + 1;
        if (through >= first) {
            compacted = through;
            for (long revision = first; revision <= through; revision++) {
                slots.set(slot(revision), null);
            }
        }
    }

    private int slot(long revision) {
        return (int) (revision % slots.length());
    }
}
