package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import java.util.List;

/** What a client asked for. */
public sealed interface Call {
    /** Read one key. */
    record Get(Key key, ReadConsistency consistency) implements Call {
        public Get {
            requireNonNull(key, "key");
            requireNonNull(consistency, "consistency");
        }

        @Override
        public String toString() {
            return "get " + key + (consistency == ReadConsistency.SEQUENTIAL ? " (sequential)" : "");
        }
    }

    /** Read every entry below a directory. */
    record Entries(Directory directory, ReadConsistency consistency) implements Call {
        public Entries {
            requireNonNull(directory, "directory");
            requireNonNull(consistency, "consistency");
        }

        @Override
        public String toString() {
            return "list " + directory + (consistency == ReadConsistency.SEQUENTIAL ? " (sequential)" : "");
        }
    }

    /** Read every key below a directory. */
    record Keys(Directory directory) implements Call {
        public Keys {
            requireNonNull(directory, "directory");
        }

        @Override
        public String toString() {
            return "keys " + directory;
        }
    }

    /** Read the names directly below a directory. */
    record Children(Directory directory) implements Call {
        public Children {
            requireNonNull(directory, "directory");
        }

        @Override
        public String toString() {
            return "children " + directory;
        }
    }

    /** Apply a transaction; single writes are transactions too. */
    record Commit(List<Condition> conditions, List<Edit> writes) implements Call {
        public Commit {
            conditions = List.copyOf(conditions);
            writes = List.copyOf(writes);
        }

        static Commit of(Txn txn) {
            return new Commit(
                    txn.conditions(), txn.writes().stream().map(Edit::of).toList());
        }

        boolean hasPut() {
            return writes.stream().anyMatch(write -> !write.isDelete());
        }

        /** Whether it tests and writes at most one key, the same. */
        boolean isSingleKey() {
            return conditions.size() <= 1
                    && writes.size() == 1
                    && conditions.stream()
                            .allMatch(condition ->
                                    condition.key().equals(writes.get(0).key()));
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            for (Condition condition : conditions) {
                text.append(text.isEmpty() ? "if " : " and ").append(show(condition));
            }
            for (int i = 0; i < writes.size(); i++) {
                text.append(i == 0 ? (text.isEmpty() ? "" : ": ") : ", ").append(writes.get(i));
            }
            return text.isEmpty() ? "commit nothing" : text.toString();
        }

        static String show(Condition condition) {
            if (condition instanceof Condition.RevisionIs expected) {
                return condition.key() + " at " + expected.revision();
            }
            return condition.key() + (condition instanceof Condition.Absent ? " absent" : " present");
        }
    }

    /** Whether this is a read. */
    default boolean isRead() {
        return !(this instanceof Commit);
    }

    /** Whether this is a read that may be stale. */
    default boolean isSequential() {
        return this instanceof Get get && get.consistency() == ReadConsistency.SEQUENTIAL
                || this instanceof Entries list && list.consistency() == ReadConsistency.SEQUENTIAL;
    }
}
