package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.LeaseMutants.granting;
import static dev.rollcall.inmemory.mutants.Mutant.mutant;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/** What goes wrong only where something else has gone wrong. */
final class FailureMutants {
    private FailureMutants() {}

    static List<Mutant> all() {
        String mute = "everyOperationEndsByItsDeadlineWhileTheStoreIsMute";
        String closing = "closeIsQuickWhileTheStoreIsMute";
        String secrets = "failuresOfTransactionsShowNoValue";
        return List.of(
                mutant("THREAD-1", "failures on the io thread", FailuresOnTheIoThread::new)
                        .seenBy("continuationsOfFailuresMayBlockWithoutStoppingTheBackend"),
                mutant("THREAD-1", "losses on one thread", LossesOnOneThread::new)
                        .seenBy("callbacksOfLostLeasesMayBlockWithoutStoppingTheBackend"),
                mutant("ERR-2", "batch in the message", BatchIsShown::new).seenBy(secrets),
                mutant("ERR-1", "failed revocation is wrapped", granting(WrappedRevocation::new))
                        .seenBy(mute, closing),
                mutant(
                                "LIFE-1",
                                "revoke without a deadline",
                                handle -> new RevocationsForgotten(
                                        handle, failure -> !(failure instanceof BackendClosedException)))
                        .seenBy(mute),
                mutant(
                                "LIFE-3",
                                "revocations forgotten at close",
                                handle -> new RevocationsForgotten(
                                        handle, failure -> failure instanceof BackendClosedException))
                        .seenBy(closing),
                mutant("LIFE-3", "grants forgotten at close", GrantsForgotten::new)
                        .seenBy(closing));
    }

    private static ExecutorService oneThread() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "inmemory-io");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Only what succeeds is handed over to the callback threads. */
    static final class FailuresOnTheIoThread extends Forwarding {
        private final ExecutorService io = oneThread();

        FailuresOnTheIoThread(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            CompletableFuture<Commit> answer = new CompletableFuture<>();
            super.commit(txn).whenComplete((result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                    return;
                }
                try {
                    io.execute(() -> answer.completeExceptionally(failure));
                } catch (RejectedExecutionException e) {
                    answer.completeExceptionally(failure);
                }
            });
            return answer;
        }

        @Override
        public void close() {
            handle.close();
            io.shutdown();
        }
    }

    /** Who lost a lease is told by the thread that watches over all of them. */
    static final class LossesOnOneThread extends Forwarding {
        private final ExecutorService watchdog = oneThread();

        LossesOnOneThread(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
                lease.ended().thenAccept(end -> {
                    if (end == LeaseEnd.LOST && !watchdog.isShutdown()) {
                        watchdog.execute(() -> ended.complete(end));
                    } else {
                        ended.complete(end);
                    }
                });
                return new MutantLease(lease) {
                    @Override
                    public CompletionStage<LeaseEnd> ended() {
                        return ended;
                    }
                };
            });
        }

        @Override
        public void close() {
            handle.close();
            watchdog.shutdown();
        }
    }

    /** The driver shows the whole batch, values and all. */
    static final class BatchIsShown extends Forwarding {
        BatchIsShown(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return onFailure(super.commit(txn), failure -> {
                boolean batch = txn.writes().size() > 1
                        && (failure instanceof ConditionFailedException || failure instanceof LeaseLostException);
                return batch ? showing(failure, txn) : failure;
            });
        }

        private KvException showing(KvException failure, Txn txn) {
            StringBuilder batch = new StringBuilder("batch of");
            for (Write write : txn.writes()) {
                batch.append(' ')
                        .append(write.key())
                        .append('=')
                        .append(write instanceof Write.Put put ? put.value().utf8() : "null");
            }
            if (failure instanceof ConditionFailedException failed) {
                return ConditionFailedException.of(
                        new KvException.Context(failure.backend(), batch.toString(), failure.path()),
                        failed.condition(),
                        failed.actualRevision().orElse(0));
            }
            return failure;
        }
    }

    /** A revocation that fails so is never heard of again. */
    static final class RevocationsForgotten extends Forwarding {
        private final Predicate<Throwable> forgotten;

        RevocationsForgotten(InMemoryBackend handle, Predicate<Throwable> forgotten) {
            super(handle);
            this.forgotten = forgotten;
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    CompletableFuture<Void> answer = new CompletableFuture<>();
                    super.revoke().whenComplete((nothing, failure) -> {
                        if (failure == null) {
                            answer.complete(null);
                        } else if (!forgotten.test(Futures.unwrap(failure))) {
                            answer.completeExceptionally(failure);
                        }
                    });
                    return answer;
                }
            });
        }
    }

    /** A grant that is under way at close() is never heard of again. */
    static final class GrantsForgotten extends Forwarding {
        GrantsForgotten(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            CompletableFuture<Lease> answer = new CompletableFuture<>();
            boolean frozen = isReachable();
            handle.grantLease(ttl).whenComplete((lease, failure) -> {
                if (failure == null) {
                    answer.complete(lease);
                } else if (!frozen || !(Futures.unwrap(failure) instanceof BackendClosedException)) {
                    answer.completeExceptionally(failure);
                }
            });
            return answer;
        }
    }

    /** Gives every caller a copy of one future, which wraps what that fails with. */
    private static final class WrappedRevocation extends MutantLease {
        WrappedRevocation(Lease lease) {
            super(lease);
        }

        @Override
        public CompletableFuture<Void> revoke() {
            return super.revoke().copy();
        }
    }
}
