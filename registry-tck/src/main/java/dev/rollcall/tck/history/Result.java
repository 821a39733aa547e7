package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client was told. */
public sealed interface Result {
    /** The answer to {@link Call.Get}; the entry is null if the key was absent. */
    record Got(@Nullable Entry entry, long revision) implements Result {
        @Override
        public String toString() {
            return (entry == null ? "absent" : entry.value() + " of " + entry.revision()) + ", at " + revision;
        }
    }

    /** The answer to {@link Call.Entries}. */
    record Listed(List<Entry> entries, long revision) implements Result {
        public Listed {
            entries = List.copyOf(entries);
        }

        @Override
        public String toString() {
            return entries.size() + " entries, at " + revision;
        }
    }

    /** The answer to {@link Call.Keys}. */
    record KeysListed(List<Key> keys, long revision) implements Result {
        public KeysListed {
            keys = List.copyOf(keys);
        }

        @Override
        public String toString() {
            return keys + ", at " + revision;
        }
    }

    /** The answer to {@link Call.Children}, which carries no revision. */
    record ChildrenListed(List<String> names) implements Result {
        public ChildrenListed {
            names = List.copyOf(names);
        }

        @Override
        public String toString() {
            return names.toString();
        }
    }

    /** A transaction was applied. */
    record Committed(long revision) implements Result {
        @Override
        public String toString() {
            return "committed at " + revision;
        }
    }

    /**
     * A transaction was not applied, because a condition did not hold.
     *
     * @param condition the index of the condition
     * @param actualRevision the revision at which its key was found, 0 if it was absent
     */
    record ConditionFailed(int condition, long actualRevision) implements Result {
        @Override
        public String toString() {
            return "condition " + condition + " failed, found "
                    + (actualRevision == 0 ? "nothing" : "revision " + actualRevision);
        }
    }

    /** The operation failed and had no effect. */
    record NotApplied(String reason) implements Result {
        public NotApplied {
            requireNonNull(reason, "reason");
        }

        @Override
        public String toString() {
            return "not applied: " + reason;
        }
    }

    /** The operation failed and may have had an effect, or may have it yet. */
    record Unknown(String reason) implements Result {
        public Unknown {
            requireNonNull(reason, "reason");
        }

        @Override
        public String toString() {
            return "in doubt: " + reason;
        }
    }

    /** No answer had come when the history was taken; judged like {@link Unknown}. */
    record Pending() implements Result {
        @Override
        public String toString() {
            return "pending";
        }
    }

    /** The revision that the answer carries, or -1 if it carries none. */
    default long revisionOrNone() {
        if (this instanceof Got got) {
            return got.revision();
        } else if (this instanceof Listed listed) {
            return listed.revision();
        } else if (this instanceof KeysListed listed) {
            return listed.revision();
        } else if (this instanceof Committed committed) {
            return committed.revision();
        }
        return -1;
    }
}
