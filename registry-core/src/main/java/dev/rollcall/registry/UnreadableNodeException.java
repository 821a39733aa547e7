package dev.rollcall.registry;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;

/** The node that was asked for is in the store, but its value is not a record. Nothing was written. */
public final class UnreadableNodeException extends KvException {
    private static final long serialVersionUID = 1L;

    private final transient UnreadableEntry entry;

    UnreadableNodeException(Context context, UnreadableEntry entry) {
        super(
                context,
                Outcome.NOT_APPLIED,
                false,
                "the value at revision " + entry.revision() + " is not a record: " + entry.reason(),
                null);
        this.entry = entry;
    }

    /** The entry. */
    public UnreadableEntry entry() {
        return entry;
    }
}
