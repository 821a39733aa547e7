package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A transaction: if every condition holds, all writes are applied, in one revision; otherwise none is.
 *
 * <p>There is no else branch, because ZooKeeper's {@code multi} has none. A transaction without writes only tests its conditions. Each
 * key is written at most once and tested at most once; writes and conditions may name the same key. All puts with a lease name the same
 * one. Instances are checked at construction, so that a transaction which exists can be sent.
 *
 * <pre>{@code
 * backend.commit(Txn.builder().ifRevision(from, 7).ifAbsent(to).delete(from).put(to, value).build());
 * }</pre>
 */
public final class Txn {
    private final List<Condition> conditions;
    private final List<Write> writes;
    private final @Nullable Lease lease;

    private Txn(List<Condition> conditions, List<Write> writes) {
        this.conditions = List.copyOf(conditions);
        this.writes = List.copyOf(writes);
        checkCount("conditions", conditions.size());
        checkCount("writes", writes.size());
        checkDistinct("tested", this.conditions, Condition::key);
        checkDistinct("written", this.writes, Write::key);
        checkSize(this.writes);
        this.lease = onlyLease(this.writes);
    }

    /** A transaction with one unconditional write. */
    public static Txn of(Write write) {
        return new Txn(List.of(), List.of(write));
    }

    /** A transaction with one condition and one write. */
    public static Txn of(Condition condition, Write write) {
        return new Txn(List.of(condition), List.of(write));
    }

    /** A new builder; not safe for use by several threads. */
    public static Builder builder() {
        return new Builder();
    }

    /** The conditions, in the order they were added, which is the order in which they are reported. */
    public List<Condition> conditions() {
        return conditions;
    }

    /** The writes, in the order they were added. */
    public List<Write> writes() {
        return writes;
    }

    /** The one lease that writes of this transaction use, or null. */
    public @Nullable Lease lease() {
        return lease;
    }

    /** The name of what this does, for messages and metrics: {@code create}, {@code update}, {@code put}, {@code delete} or {@code commit}. */
    public String operation() {
        if (writes.size() != 1 || conditions.size() > 1) {
            return "commit";
        }
        Write write = writes.get(0);
        if (!conditions.isEmpty() && !conditions.get(0).key().equals(write.key())) {
            return "commit";
        }
        if (write instanceof Write.Delete) {
            return "delete";
        }
        if (conditions.isEmpty()) {
            return "put";
        }
        return conditions.get(0) instanceof Condition.Absent ? "create" : "update";
    }

    private static void checkCount(String what, int count) {
        if (count > Limits.MAX_TXN_WRITES) {
            throw new IllegalArgumentException("A transaction has at most " + Limits.MAX_TXN_WRITES + " " + what
                    + ", but this one has " + count + "; split it.");
        }
    }

    private static <T> void checkDistinct(String verb, List<T> items, Function<T, Key> keyOf) {
        if (items.size() < 2) {
            return;
        }
        Set<Key> seen = new HashSet<>();
        for (T item : items) {
            Key key = keyOf.apply(item);
            if (!seen.add(key)) {
                throw new IllegalArgumentException(
                        "The key '" + key + "' is " + verb + " twice in one transaction; it may be " + verb + " once.");
            }
        }
    }

    private static void checkSize(List<Write> writes) {
        long bytes = 0;
        for (Write write : writes) {
            bytes += Paths.utf8Length(write.key().path());
            if (write instanceof Write.Put put) {
                bytes += put.value().size();
            }
        }
        if (bytes > Limits.MAX_TXN_BYTES) {
            throw new IllegalArgumentException("The transaction writes " + bytes + " bytes, more than the limit of "
                    + Limits.MAX_TXN_BYTES + "; split it.");
        }
    }

    private static @Nullable Lease onlyLease(List<Write> writes) {
        Lease only = null;
        for (Write write : writes) {
            if (write instanceof Write.Put put && put.lease() != null) {
                if (only != null && only != put.lease()) {
                    throw new IllegalArgumentException("A transaction uses at most one lease, but this one uses " + only
                            + " and " + put.lease() + ".");
                }
                only = put.lease();
            }
        }
        return only;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Txn that && conditions.equals(that.conditions) && writes.equals(that.writes);
    }

    @Override
    public int hashCode() {
        return 31 * conditions.hashCode() + writes.hashCode();
    }

    @Override
    public String toString() {
        return "Txn[conditions=" + conditions + ", writes=" + writes + "]";
    }

    /** Collects conditions and writes in order. */
    public static final class Builder {
        private final List<Condition> conditions = new ArrayList<>();
        private final List<Write> writes = new ArrayList<>();

        private Builder() {}

        /** Adds a condition. */
        public Builder require(Condition condition) {
            conditions.add(requireNonNull(condition, "condition"));
            return this;
        }

        /** Requires that {@code key} is absent. */
        public Builder ifAbsent(Key key) {
            return require(new Condition.Absent(key));
        }

        /** Requires that {@code key} is present. */
        public Builder ifPresent(Key key) {
            return require(new Condition.Present(key));
        }

        /** Requires that {@code key} was last written at {@code revision}. */
        public Builder ifRevision(Key key, long revision) {
            return require(new Condition.RevisionIs(key, revision));
        }

        /** Adds a write. */
        public Builder write(Write write) {
            writes.add(requireNonNull(write, "write"));
            return this;
        }

        /** Sets {@code key}, leaving its lease as it is. */
        public Builder put(Key key, Bytes value) {
            return write(new Write.Put(key, value, null));
        }

        /** Sets {@code key} and ties it to {@code lease}. */
        public Builder put(Key key, Bytes value, Lease lease) {
            return write(new Write.Put(key, value, requireNonNull(lease, "lease")));
        }

        /** Makes {@code key} absent. */
        public Builder delete(Key key) {
            return write(new Write.Delete(key));
        }

        /**
         * Checks and returns the transaction.
         *
         * @throws IllegalArgumentException if there are too many writes or conditions, a key is written or tested twice, two leases are
         *     used, or the writes are too large together
         */
        public Txn build() {
            return new Txn(conditions, writes);
        }
    }
}
