package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Failures, ends and threads that are not as they should be. */
final class LifeMutants {
    private LifeMutants() {}

    private static KvException.Context context(KvException failure) {
        return new KvException.Context(failure.backend(), failure.operation(), failure.path());
    }

    /** A stage too many between the client library and the caller. */
    static final class WrappedException extends Forwarding {
        WrappedException(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return super.commit(txn).thenApply(commit -> commit);
        }
    }

    /** A message that helps by showing what was to be written. */
    static final class ValueInTheMessage extends Forwarding {
        ValueInTheMessage(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return onFailure(super.commit(txn), failure -> {
                if (failure instanceof ConditionFailedException failed
                        && txn.writes().size() == 1
                        && txn.writes().get(0) instanceof Write.Put put) {
                    KvException.Context telling = new KvException.Context(
                            failure.backend(),
                            failure.operation() + " with " + put.value().utf8(),
                            failure.path());
                    return ConditionFailedException.of(
                            telling, failed.condition(), failed.actualRevision().orElse(0));
                }
                return failure;
            });
        }
    }

    /** A read that failed is in doubt, like everything that failed. */
    static final class ReadInDoubt extends Forwarding {
        ReadInDoubt(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return onFailure(
                    handle.get(key, consistency),
                    failure -> failure instanceof DeadlineExceededException
                            ? new UnavailableException(context(failure), Outcome.UNKNOWN, "no answer came", failure)
                            : failure);
        }
    }

    /** The capability is there, and not declared. */
    static final class HistoryUndeclared extends Forwarding {
        HistoryUndeclared(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Set<Capability> capabilities() {
            return EnumSet.complementOf(EnumSet.of(Capability.HISTORY));
        }
    }

    /** A malformed call is answered like a failure of the store. */
    static final class NullAsFailure extends Forwarding {
        NullAsFailure(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        @SuppressWarnings("NullAway")
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            try {
                return handle.get(key, consistency);
            } catch (NullPointerException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    /** The request is forgotten when its deadline passes, and its future with it. */
    static final class FutureNeverCompleted extends Forwarding {
        FutureNeverCompleted(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            CompletableFuture<GetResult> answer = new CompletableFuture<>();
            handle.get(key, consistency).whenComplete((result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                } else if (!(failure instanceof DeadlineExceededException)) {
                    answer.completeExceptionally(failure);
                }
            });
            return answer;
        }
    }

    /** Says goodbye to a store that does not answer, and waits for it. */
    static final class CloseThatHangs extends Forwarding {
        CloseThatHangs(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public void close() {
            boolean told = false;
            // However often its deadline passes: on a busy machine that may be before a second has.
            while (!told && connection().state() != ConnectionState.CLOSED) {
                try {
                    handle.get(Key.of("/goodbye")).get(1, TimeUnit.MINUTES);
                    told = true;
                } catch (ExecutionException | TimeoutException e) {
                    told = false;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    told = true;
                }
            }
            handle.close();
        }
    }

    /** Answers from a cache, whatever became of the handle. */
    static final class ReadsAfterClose extends Forwarding {
        ReadsAfterClose(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return connection().state() == ConnectionState.CLOSED
                    ? CompletableFuture.completedFuture(new GetResult(key, null, 1))
                    : handle.get(key, consistency);
        }
    }

    /** Once a pool of connections is used up, each handle gets a thread that nobody ends. */
    static final class LeakedThread extends Forwarding {
        private static final int POOL = 50;

        LeakedThread(InMemoryBackend handle, AtomicInteger handles) {
            super(handle);
            if (handles.incrementAndGet() != POOL) {
                return;
            }
            CountDownLatch never = new CountDownLatch(1);
            Thread thread = new Thread(
                    () -> {
                        try {
                            // Longer than a run on any machine.
                            never.await(5, TimeUnit.MINUTES);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "inmemory-keeper");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Forgets at its close what was under way. */
    static final class PendingForgotten extends Forwarding {
        PendingForgotten(InMemoryBackend handle) {
            super(handle);
        }

        private <T> CompletableFuture<T> forgetful(CompletableFuture<T> future) {
            boolean closed = connection().state() == ConnectionState.CLOSED;
            CompletableFuture<T> answer = new CompletableFuture<>();
            future.whenComplete((result, failure) -> {
                if (failure == null) {
                    answer.complete(result);
                } else if (closed || !(failure instanceof BackendClosedException)) {
                    answer.completeExceptionally(failure);
                }
            });
            return answer;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return forgetful(handle.get(key, consistency));
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return forgetful(super.commit(txn));
        }
    }

    /** Answers are told apart by the handle, not by the request: of two at once, each gets the other's. */
    static final class AnswersCrossed extends Forwarding {
        /** Tests of one thread make fewer reads on one handle, and need not wait. */
        private static final int FIRST = 20;

        private final Pairing<GetResult> pairing = new Pairing<>();
        private final AtomicInteger reads = new AtomicInteger();

        AnswersCrossed(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            boolean crossing = reads.incrementAndGet() > FIRST;
            return Futures.map(handle.get(key, consistency), result -> crossing ? pairing.meet(result) : result);
        }
    }

    /** What could not be sent is in doubt, to be on the safe side. */
    static final class InDoubtWhenUnreachable extends Forwarding {
        InDoubtWhenUnreachable(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (connection().state() != ConnectionState.DISCONNECTED) {
                return super.commit(txn);
            }
            return onFailure(
                    super.commit(txn),
                    failure -> failure.isRetryable()
                            ? new UnavailableException(context(failure), Outcome.UNKNOWN, "no answer came", failure)
                            : failure);
        }
    }

    /** Watches are told by the one thread that also reads from the network. */
    static final class CallbackOnTheIoThread extends Forwarding {
        private final ExecutorService io = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "inmemory-io");
            thread.setDaemon(true);
            return thread;
        });

        CallbackOnTheIoThread(InMemoryBackend handle) {
            super(handle);
        }

        private <T> CompletableFuture<T> read(CompletableFuture<T> future) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            future.whenComplete((result, failure) -> io.execute(() -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(failure);
                }
            }));
            return answer;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return connection().state() == ConnectionState.CLOSED
                    ? handle.get(key, consistency)
                    : read(handle.get(key, consistency));
        }

        @Override
        public void close() {
            handle.close();
            if (!io.isShutdown()) {
                io.shutdown();
            }
        }
    }

    /** Always well. */
    static final class ConnectionAlwaysWell extends Forwarding {
        ConnectionAlwaysWell(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public ConnectionStatus connection() {
            return handle.connection().state() == ConnectionState.CLOSED
                    ? handle.connection()
                    : new ConnectionStatus(ConnectionState.CONNECTED, Instant.EPOCH, null);
        }
    }

    /** Tells what changes, and not what is. */
    static final class FirstStatusWithheld extends Forwarding {
        FirstStatusWithheld(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Subscription onConnection(ConnectionListener listener) {
            requireNonNull(listener, "listener");
            AtomicInteger calls = new AtomicInteger();
            return handle.onConnection(status -> {
                if (calls.incrementAndGet() > 1) {
                    listener.onConnection(status);
                }
            });
        }
    }

    /** Does not come back from an outage. */
    static final class GivesUpAfterACut extends Forwarding {
        private volatile boolean lost;

        GivesUpAfterACut(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void cut() {
            lost = true;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return lost && isReachable()
                    ? CompletableFuture.failedFuture(new UnavailableException(
                            KvException.Context.of(name(), "get", key),
                            Outcome.NOT_APPLIED,
                            "the connection was lost",
                            null))
                    : handle.get(key, consistency);
        }
    }

    /** Wants its server to be there first. */
    static final class OpenNeedsTheServer extends Forwarding {
        OpenNeedsTheServer(InMemoryBackend handle) {
            super(handle);
            if (!isReachable()) {
                handle.close();
                throw new UnavailableException(
                        new KvException.Context(handle.name(), "open", null),
                        Outcome.NOT_APPLIED,
                        "the server is down",
                        null);
            }
        }
    }

    /** Threads from a pool that nobody has given names. */
    static final class NamelessThread extends Forwarding {
        private final ExecutorService pool = Executors.newSingleThreadExecutor();

        NamelessThread(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (!pool.isShutdown()) {
                pool.execute(() -> {});
            }
            return handle.watch(directory, start, listener);
        }

        @Override
        public void close() {
            handle.close();
            pool.shutdown();
        }
    }
}
