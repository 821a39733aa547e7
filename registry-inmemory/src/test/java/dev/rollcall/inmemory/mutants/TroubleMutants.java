package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** Faults that need two things at once: a lease and a lost answer, a watch and a cut that was there before it. */
final class TroubleMutants {
    private TroubleMutants() {}

    /** With a lease, look and then put. */
    static final class LeasedCreateByLooking extends Forwarding {
        private final Pairing<Txn> pairing;

        LeasedCreateByLooking(InMemoryBackend handle, Pairing<Txn> pairing) {
            super(handle);
            this.pairing = pairing;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            boolean claim = txn.lease() != null
                    && txn.conditions().size() == 1
                    && txn.conditions().get(0) instanceof Condition.Absent
                    && txn.writes().size() == 1
                    && isReachable();
            if (!claim || handle.get(txn.writes().get(0).key()).join().isPresent()) {
                return super.commit(txn);
            }
            pairing.meet(txn);
            return super.commit(Txn.of(txn.writes().get(0)));
        }
    }

    /** What got no answer is sent again before the next write, if it is such a one. */
    static final class SentAgain extends Forwarding {
        private final Predicate<Txn> such;
        private final Queue<Txn> unanswered = new ConcurrentLinkedQueue<>();

        SentAgain(InMemoryBackend handle, Predicate<Txn> such) {
            super(handle);
            this.such = such;
        }

        static boolean isDelete(Txn txn) {
            return txn.writes().size() == 1 && txn.writes().get(0) instanceof Write.Delete;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (isReachable()) {
                for (Txn again = unanswered.poll(); again != null; again = unanswered.poll()) {
                    handle.commit(again);
                }
            }
            return onFailure(super.commit(txn), failure -> {
                if (failure.outcome() == Outcome.UNKNOWN && such.test(txn)) {
                    unanswered.add(txn);
                }
                return failure;
            });
        }
    }

    /** The outcome of such a one is guessed. */
    static final class CalledNotApplied extends Forwarding {
        private final Predicate<Txn> such;

        CalledNotApplied(InMemoryBackend handle, Predicate<Txn> such) {
            super(handle);
            this.such = such;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return onFailure(
                    super.commit(txn),
                    failure -> failure.outcome() == Outcome.UNKNOWN && such.test(txn)
                            ? new UnavailableException(
                                    new KvException.Context(name(), txn.operation(), null),
                                    Outcome.NOT_APPLIED,
                                    "the connection broke",
                                    failure)
                            : failure);
        }
    }

    /** The first that a watch hears after a cut is of what was put; what went meanwhile is not asked for. */
    static final class EndsAreMissedInACut extends Forwarding {
        private volatile boolean behind;

        EndsAreMissedInACut(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void cut() {
            behind = true;
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (behind
                            && signal instanceof Changes changes
                            && changes.changes().size() >= 5) {
                        super.onSignal(new Changes(
                                changes.directory(),
                                changes.changes().stream()
                                        .filter(Change.Put.class::isInstance)
                                        .toList(),
                                changes.revision()));
                    } else {
                        super.onSignal(signal);
                    }
                }
            });
        }
    }

    /** A lease that was asked for during a cut is not among those that are renewed. */
    static final class LeaseOfACutIsNotRenewed extends Forwarding {
        private final Map<Lease, Duration> ages = new ConcurrentHashMap<>();

        LeaseOfACutIsNotRenewed(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            boolean lost = !isReachable();
            return Futures.map(handle.grantLease(ttl), lease -> {
                if (lost) {
                    ages.put(lease, Duration.ZERO);
                }
                return lease;
            });
        }

        @Override
        void passed(Duration time) {
            ages.replaceAll((lease, age) -> age.plus(time));
            ages.forEach((lease, age) -> {
                if (age.compareTo(lease.ttl()) > 0 && isReachable()) {
                    handle.faults().expire(lease);
                }
            });
        }
    }

    /** No lease is taken for none. */
    static final class NullLeaseIsNone extends Forwarding {
        NullLeaseIsNone(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        @SuppressWarnings("NullAway")
        public CompletableFuture<Commit> put(Key key, Bytes value, Lease lease) {
            return commit(Txn.of(new Write.Put(key, value, lease)));
        }

        @Override
        @SuppressWarnings("NullAway")
        public CompletableFuture<Commit> create(Key key, Bytes value, Lease lease) {
            return commit(Txn.of(new Condition.Absent(key), new Write.Put(key, value, lease)));
        }
    }

    /** A watch that begins during a cut is noted, and that is all. */
    static final class WatchOfACutNeverBegins extends Forwarding {
        WatchOfACutNeverBegins(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            boolean lost = connection().state() == ConnectionState.DISCONNECTED;
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (!lost) {
                        super.onSignal(signal);
                    }
                }
            });
        }
    }

    /** Listeners are told of the connection that was, if it was ever there. */
    static final class SubscriberHearsTheBestFirst extends Forwarding {
        SubscriberHearsTheBestFirst(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Subscription onConnection(ConnectionListener listener) {
            requireNonNull(listener, "listener");
            AtomicBoolean told = new AtomicBoolean();
            return handle.onConnection(status -> {
                boolean better = told.compareAndSet(false, true) && status.state() == ConnectionState.DISCONNECTED;
                listener.onConnection(
                        better ? new ConnectionStatus(ConnectionState.CONNECTED, status.since(), null) : status);
            });
        }
    }

    /** A watch that waits for a revision starts from the present when its connection is made again. */
    static final class FutureForgottenInACut extends Forwarding {
        private volatile boolean wasCut;

        FutureForgottenInACut(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void cut() {
            wasCut = true;
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (!(start instanceof WatchStart.AfterRevision after) || !isReachable()) {
                return handle.watch(directory, start, listener);
            }
            long now =
                    handle.list(requireNonNull(directory, "directory")).join().revision();
            return after.revision() <= now
                    ? handle.watch(directory, start, listener)
                    : handle.watch(
                            directory, WatchStart.after(now), new MutantListener(requireNonNull(listener, "listener")) {
                                @Override
                                public void onSignal(WatchSignal signal) {
                                    if (wasCut || signal.revision() > after.revision()) {
                                        super.onSignal(signal);
                                    }
                                }
                            });
        }
    }
}
