package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * One client's handle on a store: the contract that every backend keeps, rule by rule in {@code docs/spec.md}.
 *
 * <p><b>Implementing.</b> The abstract methods are all that a backend must write; the others are built on them and may be overridden to
 * be faster, never to mean something else.
 *
 * <p><b>Blocking.</b> No method blocks on the store. Operations return a future that always completes: with a result, or with a {@link
 * KvException} (itself, not wrapped) when its deadline passes at the latest. Cancelling a future, or completing it by hand, detaches the
 * caller and does not undo the operation. {@link Futures#await} waits for one and throws what it failed with.
 *
 * <p><b>Order.</b> Operations are independent: two that are in flight together take effect in any order. One that is started after
 * another has completed takes effect after it, on any handle.
 *
 * <p><b>Failure.</b> Arguments that break a rule are thrown by the call itself as {@link IllegalArgumentException} or {@link
 * NullPointerException}, and nothing is sent. After {@link #close()} every operation fails with {@link BackendClosedException}. A failed write says through {@link
 * KvException#outcome()} whether it may have been applied. No write is ever sent twice.
 *
 * <p><b>Threads.</b> A handle may be used by any number of threads. Continuations of its futures, listeners and lease callbacks never run on
 * a thread that does I/O and never under a lock; each may block without stopping the backend.
 */
public interface KvBackend extends AutoCloseable {
    /** What this handle is connected to, for messages, logs and metrics: like its URL, without password and options. */
    String name();

    /** What this backend can do beyond the contract. Constant. */
    Set<Capability> capabilities();

    /** The lease durations that this backend grants. Constant once connected; a server may narrow them at the first connection. */
    Limits limits();

    // --- Reads
    // -----------------------------------------------------------------------------------------------------------------------

    /**
     * Reads one key.
     *
     * @return the entry or its absence, with the store revision at which that is exact
     */
    CompletableFuture<GetResult> get(Key key, ReadConsistency consistency);

    /** {@link #get(Key, ReadConsistency)}, linearizable. */
    default CompletableFuture<GetResult> get(Key key) {
        return get(key, ReadConsistency.LINEARIZABLE);
    }

    /**
     * Reads every entry strictly below a directory, as one snapshot whatever its size.
     *
     * @return the entries, sorted by key, with the store revision at which they are exact; no entries if there are none
     */
    CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency);

    /** {@link #list(Directory, ReadConsistency)}, linearizable. */
    default CompletableFuture<Snapshot> list(Directory directory) {
        return list(directory, ReadConsistency.LINEARIZABLE);
    }

    /** Reads every key strictly below a directory, without the values; linearizable. */
    default CompletableFuture<KeyListing> keys(Directory directory) {
        return Futures.map(
                list(directory),
                snapshot -> new KeyListing(
                        directory,
                        snapshot.entries().stream().map(KeyValue::key).toList(),
                        snapshot.revision()));
    }

    /** The names of what is directly below a directory, sorted: first segments of keys, whether or not they are keys themselves. Linearizable. */
    default CompletableFuture<List<String>> children(Directory directory) {
        return Futures.map(keys(directory), KeyListing::children);
    }

    // --- Writes
    // ----------------------------------------------------------------------------------------------------------------------

    /**
     * Applies a transaction: all of its writes if all of its conditions hold, at one moment and in one revision, else nothing. What is
     * acknowledged is durable and visible to every later linearizable read.
     *
     * @return the revision of its writes. Fails with the {@link ConditionFailedException} of the first condition that does not hold; with
     *     {@link LeaseLostException} if its lease has ended; with another {@link KvException} whose {@link KvException#outcome()} tells
     *     whether it may have been applied
     * @throws IllegalArgumentException if its lease was granted by another handle
     */
    CompletableFuture<Commit> commit(Txn txn);

    /** Writes a key that must be absent; fails with {@link KeyExistsException} if it is present. */
    default CompletableFuture<Commit> create(Key key, Bytes value) {
        return commit(Txn.of(new Condition.Absent(key), new Write.Put(key, value, null)));
    }

    /** Writes a key that must be absent and ties it to a lease; fails with {@link KeyExistsException} if it is present. */
    default CompletableFuture<Commit> create(Key key, Bytes value, Lease lease) {
        return commit(Txn.of(new Condition.Absent(key), new Write.Put(key, value, requireNonNull(lease, "lease"))));
    }

    /** Writes a key that must be present, leaving its lease as it is; fails with {@link KeyNotFoundException} if it is absent. */
    default CompletableFuture<Commit> update(Key key, Bytes value) {
        return commit(Txn.of(new Condition.Present(key), new Write.Put(key, value, null)));
    }

    /**
     * Writes a key that must be at {@code expectedRevision}, leaving its lease as it is; fails with {@link RevisionMismatchException} if
     * it is not, also if it was deleted and created again.
     */
    default CompletableFuture<Commit> update(Key key, Bytes value, long expectedRevision) {
        return commit(Txn.of(new Condition.RevisionIs(key, expectedRevision), new Write.Put(key, value, null)));
    }

    /**
     * Changes the value of a key that must be present by a function, leaving its lease as it is. What the function was given is what its
     * result replaces: if somebody else writes in between, the key is read and the function applied again, after a short random pause. What the function
     * returns is written also if it is the same.
     *
     * @param change gets the value as it is and returns what it shall be, never null; may be called several times, never on a thread that does
     *     I/O, and may block. What it throws, the future fails with, and nothing is written
     * @return the entry as written. Fails with {@link KeyNotFoundException} if the key is absent; after 64 conflicts with a
     *     {@link KvException} that says so and is {@link Outcome#NOT_APPLIED}; with the failure of a read or a write otherwise, whose outcome
     *     may be unknown
     */
    default CompletableFuture<KeyValue> modify(Key key, UnaryOperator<Bytes> change) {
        return new Modification(this, key, change).begin();
    }

    /** Writes a key, present or not, leaving its lease as it is. */
    default CompletableFuture<Commit> put(Key key, Bytes value) {
        return commit(Txn.of(new Write.Put(key, value, null)));
    }

    /** Writes a key, present or not, and ties it to a lease, whichever it had before. */
    default CompletableFuture<Commit> put(Key key, Bytes value, Lease lease) {
        return commit(Txn.of(new Write.Put(key, value, requireNonNull(lease, "lease"))));
    }

    /** Deletes a key that must be present; fails with {@link KeyNotFoundException} if it is absent. */
    default CompletableFuture<Commit> delete(Key key) {
        return commit(Txn.of(new Condition.Present(key), new Write.Delete(key)));
    }

    /** Deletes a key that must be at {@code expectedRevision}; fails with {@link RevisionMismatchException} if it is not. */
    default CompletableFuture<Commit> delete(Key key, long expectedRevision) {
        return commit(Txn.of(new Condition.RevisionIs(key, expectedRevision), new Write.Delete(key)));
    }

    // --- Watches
    // ---------------------------------------------------------------------------------------------------------------------

    /**
     * Watches every key strictly below a directory.
     *
     * <p>The listener gets {@code Snapshot Changes* (Snapshot Changes*)* end} when started from a snapshot, {@code Changes* end} otherwise.
     * Each signal is a consistent cut: after applying it, the observer holds what a list at the signal's revision gives. No revision is
     * split over two signals, revisions never shrink, nothing is delivered twice, and a gap is never silent. The watch outlives lost
     * connections. See {@link WatchStart} for the ways to begin and {@link WatchListener} for threads.
     *
     * @return the running watch; whatever prevents it from starting reaches {@link WatchListener#onEnd}
     */
    Watch watch(Directory directory, WatchStart start, WatchListener listener);

    // --- Leases
    // ----------------------------------------------------------------------------------------------------------------------

    /**
     * Grants a lease, which the backend keeps alive until it ends.
     *
     * @param ttl how long entries shall survive a holder that has fallen silent; brought within {@link #limits()}, and {@link Lease#ttl()}
     *     tells what was granted
     * @throws IllegalArgumentException if {@code ttl} is zero or negative
     */
    CompletableFuture<Lease> grantLease(Duration ttl);

    // --- Lifecycle
    // -------------------------------------------------------------------------------------------------------------------

    /** Whether the store can be reached. Never blocks. */
    ConnectionStatus connection();

    /** Tells {@code listener} the present status and each later one, until the subscription is closed or {@link ConnectionState#CLOSED} was told. */
    Subscription onConnection(ConnectionListener listener);

    /**
     * Finds out what can be known of the store without guessing: its members, which of them answer, and what an operator should know. For a
     * command or a page that is asked "what is wrong?", not for code to act upon. Changes nothing in the store.
     *
     * <p>By default, the empty diagnosis of a backend that knows nothing. Implementations ask each member by itself, and give up on those
     * that have not answered after about two seconds.
     *
     * @return what was found; it is there by the deadline of operations and within five seconds, also where no member answers, and fails only
     *     with {@link BackendClosedException}
     */
    default CompletableFuture<Diagnosis> diagnose() {
        return connection().state() == ConnectionState.CLOSED
                ? CompletableFuture.failedFuture(new BackendClosedException(
                        new KvException.Context(name(), "diagnose", null), Outcome.NOT_APPLIED))
                : CompletableFuture.completedFuture(Diagnosis.empty());
    }

    /**
     * Closes the handle: revokes its leases as far as the store can be reached, fails what is pending and ends its watches, both with {@link
     * BackendClosedException}, and lets its threads end. Returns within about a second, even if the store does not answer. May be called
     * from any thread, callbacks included. Has no effect when called again.
     */
    @Override
    void close();
}
