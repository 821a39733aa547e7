package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Clients that take what a late answer says for the present. */
final class LateMutants {
    private LateMutants() {}

    static List<Mutant> all() {
        return List.of(
                mutant("LEASE-4", "lease clock starts at the answer", RenewedByTheAnswer::new)
                        .seenBy("lateAnswerToARenewalGivesNoTimeThatHasPassed"),
                mutant("LEASE-4", "grant counts from its answer", GrantedByTheAnswer::new)
                        .seenBy("lateAnswerToAGrantGivesNoTimeThatHasPassed"),
                mutant("LEASE-5", "late answer revives a lease", RevivedByTheAnswer::new)
                        .seenBy("lateAnswerDoesNotReviveALeaseThatWasGivenUp"),
                mutant("LEASE-5", "put that waits takes a new lease", PutWaitsForANewLease::new)
                        .seenBy("putThatWaitsUntilItsLeaseIsLostIsNotApplied"),
                mutant("LEASE-4", "an open connection is a lease", HeldWhileConnected::new)
                        .seenBy("lateAnswerDoesNotReviveALeaseThatWasGivenUp"),
                mutant("READ-1", "late answer is taken for the next", AnswersByTheirOrder::new)
                        .seenBy("answerThatComesAfterItsDeadlineIsNotTakenForAnother"));
    }

    /** A lease of which the store and its holder have different opinions. */
    private static final class Believed extends MutantLease {
        /** When the store has heard last of the holder, and until when the holder believes; null as long as both are right. */
        private volatile @Nullable Duration heard;

        private volatile Duration until = Duration.ZERO;
        private final Clocked holder;

        Believed(Lease lease, Clocked holder) {
            super(lease);
            this.holder = holder;
        }

        void renewed(Duration asked, Duration answered) {
            heard = asked;
            until = answered.plus(ttl());
        }

        boolean isOver() {
            Duration last = heard;
            return last != null && holder.now.minus(last).compareTo(ttl()) >= 0;
        }

        @Override
        public boolean isHeld() {
            return lease.isHeld() || holder.now.compareTo(until) < 0;
        }
    }

    /** Knows the time, and when answers began to be late. */
    private abstract static class Clocked extends Forwarding {
        final Queue<Believed> leases = new ConcurrentLinkedQueue<>();
        volatile Duration now = Duration.ZERO;
        volatile Duration holding = Duration.ZERO;
        volatile boolean isHolding;
        private volatile boolean cut;

        Clocked(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            Duration asked = now;
            boolean late = isHolding;
            return Futures.map(handle.grantLease(ttl), lease -> {
                Believed believed = new Believed(lease, this);
                granted(believed, asked, late);
                leases.add(believed);
                return believed;
            });
        }

        void granted(Believed lease, Duration asked, boolean late) {}

        /** Takes an answer that has just come, to what was asked when answers began to be late, for the present. */
        void renew(boolean ofThoseHeld) {
            leases.stream()
                    .filter(lease -> lease.lease.isHeld() == ofThoseHeld)
                    .forEach(lease -> lease.renewed(holding, now));
        }

        @Override
        void held() {
            holding = now;
            isHolding = true;
        }

        @Override
        void released() {
            isHolding = false;
        }

        @Override
        void cut() {
            cut = true;
        }

        @Override
        void passed(Duration time) {
            now = now.plus(time);
            for (Believed lease : leases) {
                if (cut && lease.isOver()) {
                    handle.faults().expire(lease.lease);
                }
            }
        }
    }

    /** The ttl counts from when the answer to the renewal is read. */
    private static final class RenewedByTheAnswer extends Clocked {
        RenewedByTheAnswer(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void released() {
            super.released();
            renew(true);
        }
    }

    /** The ttl counts from when the answer to the grant is read. */
    private static final class GrantedByTheAnswer extends Clocked {
        GrantedByTheAnswer(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void granted(Believed lease, Duration asked, boolean late) {
            if (late) {
                lease.renewed(asked, now);
            }
        }
    }

    /** Whatever the holder has thought meanwhile, the store has said that the lease is well. */
    private static final class RevivedByTheAnswer extends Clocked {
        RevivedByTheAnswer(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void released() {
            super.released();
            renew(false);
        }
    }

    /** Nothing is wrong as long as the connection has not broken. */
    private static final class HeldWhileConnected extends Forwarding {
        HeldWhileConnected(InMemoryBackend handle) {
            super(handle);
        }

        private volatile boolean mute;

        @Override
        void held() {
            mute = true;
        }

        @Override
        void released() {
            mute = false;
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public boolean isHeld() {
                    return lease.isHeld() || mute;
                }
            });
        }
    }

    /** Answers have no number: each is that to the oldest request which has none, given up or not. */
    private static final class AnswersByTheirOrder extends Forwarding {
        private final Queue<Key> unanswered = new ConcurrentLinkedQueue<>();
        private volatile boolean isHolding;

        AnswersByTheirOrder(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void held() {
            isHolding = true;
        }

        @Override
        void released() {
            isHolding = false;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            if (isHolding) {
                unanswered.add(key);
            } else if (!unanswered.isEmpty()) {
                unanswered.add(key);
                return Futures.map(handle.get(unanswered.remove(), consistency), late -> {
                    KeyValue entry = late.entryOrNull();
                    KeyValue taken =
                            entry == null ? null : new KeyValue(key, entry.value(), entry.revision(), entry.leased());
                    return new GetResult(key, taken, late.revision());
                });
            }
            return handle.get(key, consistency);
        }
    }

    /** What could not be sent is sent with the connection that comes, and with the lease that there is then. */
    private static final class PutWaitsForANewLease extends Forwarding {
        PutWaitsForANewLease(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            if (lease == null || isReachable() || !lease.isHeld()) {
                return super.commit(txn);
            }
            return plain(handle.get(txn.writes().get(0).key())
                    .thenCompose(connected -> lease.isHeld()
                            ? super.commit(txn)
                            : handle.grantLease(lease.ttl()).thenCompose(anew -> super.commit(withLease(txn, anew)))));
        }
    }
}
