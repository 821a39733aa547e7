package dev.rollcall.etcd;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of a handle: granted under ids of our choice, so that a grant whose answer was lost can be taken back; kept alive by {@link KeepAlive}; ended
 * by the {@link Revoker}, which keeps them until the store has confirmed the end. Confined to the {@link IoLoop}, except methods that users call.
 */
final class Leases {
    /** etcd counts whole seconds; the server raises a shorter request to one and a half times its election timeout. */
    static final Limits LIMITS = new Limits(Duration.ofSeconds(1), Duration.ofDays(1));

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    /** How long the end of a handle waits until the store has confirmed the end of its leases. */
    static final long PATIENCE_AT_CLOSE_MILLIS = 700;

    private static final Duration GRANT_PATIENCE = Duration.ofSeconds(1);

    private final EtcdContext handle;
    private final TimeSource time;
    private final Duration timeout;
    private final KeepAlive keepAlive;
    private final Revoker revoker;
    private final LeaseLog log;
    private final Map<EtcdLease, Runnable> running = new LinkedHashMap<>();
    /** Those that their holder, or the end of the handle, has ended, and the store has not confirmed. */
    private final Map<EtcdLease, Ending> endings = new LinkedHashMap<>();

    /** The ids of leases that were asked for, which the store may have granted without having said so. */
    private final Set<Long> granting = new LinkedHashSet<>();

    private boolean closed;

    Leases(EtcdContext handle, MemberSelector members, Duration timeout) {
        this.handle = handle;
        this.time = handle.threads().time();
        this.timeout = timeout;
        this.keepAlive = new KeepAlive(handle, members, this::gone);
        this.revoker = new Revoker(handle, members);
        this.log = new LeaseLog(handle.name(), handle.loop());
    }

    /** A member can be used. */
    void found() {
        keepAlive.found();
        revoker.found();
    }

    /** The member that was used is lost. */
    void disconnected() {
        keepAlive.lost();
    }

    /** Asks for a lease; the ttl is within limits already. */
    CompletableFuture<Lease> grant(Duration ttl) {
        PendingCall<Lease> call = handle.calls().begin(handle.context("grantLease", null), true);
        long seconds = ttl.plusNanos(999_999_999).toSeconds();
        ask(call, seconds);
        return call.future();
    }

    private void ask(PendingCall<Lease> call, long seconds) {
        long id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
        LeaseGrantRequest question =
                LeaseGrantRequest.newBuilder().setID(id).setTTL(seconds).build();
        // The term can only be counted from before the question leaves, which may be long after it was asked for.
        long[] leftAt = {time.nanoTime()};
        handle.dispatcher()
                .send(EtcdRequest.write(
                                call,
                                LeaseGrpc.getLeaseGrantMethod(),
                                question,
                                answer -> granted(call, answer, leftAt[0]))
                        .leaving(() -> {
                            leftAt[0] = time.nanoTime();
                            granting.add(id);
                        })
                        .unless(status -> {
                            if (EtcdErrors.isLeaseTaken(status)) {
                                // By another: it is not ours to take back.
                                granting.remove(id);
                                ask(call, seconds);
                                return true;
                            }
                            return false;
                        }));
        call.future().whenComplete((lease, failure) -> {
            boolean inDoubt = failure instanceof KvException reason && reason.outcome() == Outcome.UNKNOWN;
            handle.loop().execute(() -> {
                if (!inDoubt) {
                    granting.remove(id);
                } else if (granting.contains(id)) {
                    takeBack(id);
                }
            });
        });
    }

    /** Revokes what may have been granted, or will be: nobody else would. */
    private void takeBack(long id) {
        // The revocation may overtake the grant; by then the grant has been answered, or is not on its way any more.
        handle.loop().schedule(GRANT_PATIENCE, () -> granting.remove(id));
        revoker.forget(id, () -> granting.contains(id));
    }

    private void granted(PendingCall<Lease> call, LeaseGrantResponse answer, long leftAt) {
        granting.remove(answer.getID());
        EtcdLease lease = new EtcdLease(this, answer.getID(), Duration.ofSeconds(answer.getTTL()), time, leftAt);
        if (call.isDone() || closed) {
            revoker.forget(lease.number());
            return;
        }
        running.put(lease, () -> {});
        watchClock(lease);
        keepAlive.add(lease, leftAt);
        if (!call.complete(lease)) {
            end(lease);
            revoker.forget(lease.number());
        }
    }

    /** Looks again when the term of the lease is over, which a renewal may have moved on by then. */
    private void watchClock(EtcdLease lease) {
        Runnable cancel = handle.loop().schedule(lease.left(), () -> {
            if (running.containsKey(lease)) {
                if (lease.isHeld()) {
                    watchClock(lease);
                } else {
                    lost(
                            lease,
                            "it could not be renewed within its ttl of "
                                    + lease.ttl().toSeconds() + " s");
                    // A renewal whose answer comes too late has given it another term in the store.
                    revoker.forget(lease.number());
                }
            }
        });
        running.put(lease, cancel);
    }

    /** The store does not know the lease any more. Runs on the loop. */
    void gone(EtcdLease lease) {
        lost(lease, "the store does not know it any more");
    }

    /** The store has gone back in time: entries of a lease may be missing, so none is worth anything; what is left of them is taken away. */
    void rewound(String reason) {
        for (EtcdLease lease : List.copyOf(running.keySet())) {
            // Each by itself: none may be held on because another one's end has failed.
            handle.loop().run(() -> {
                lost(lease, "the store is not the one that granted it: " + reason);
                revoker.forget(lease.number());
            });
        }
    }

    private void lost(EtcdLease lease, String reason) {
        if (end(lease)) {
            log.lost(lease, reason);
            tell(lease, LeaseEnd.LOST);
        }
    }

    private boolean end(EtcdLease lease) {
        lease.drop();
        keepAlive.remove(lease);
        Runnable cancel = running.remove(lease);
        if (cancel != null) {
            cancel.run();
        }
        return cancel != null;
    }

    private void tell(EtcdLease lease, LeaseEnd why) {
        handle.threads().callbacks().execute(() -> lease.tell(why));
    }

    /** Ends a lease at its holder's wish. Called from any thread. */
    CompletableFuture<Void> revoke(EtcdLease lease) {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        boolean accepted = handle.loop().execute(() -> {
            Ending ending;
            try {
                ending = ending(lease);
                if (ending != null) {
                    ending.add(asked);
                }
            } catch (RuntimeException | Error e) {
                // Nobody else knows yet that somebody waits.
                KvException reason = new KvException(
                        handle.context("revokeLease", null),
                        Outcome.UNKNOWN,
                        true,
                        "the end of the lease could not be begun: " + e,
                        e);
                handle.threads().callbacks().execute(() -> asked.completeExceptionally(reason));
                throw e;
            }
            if (ending == null) {
                // By way of a callback thread also where the result is there already.
                handle.threads().callbacks().execute(() -> asked.complete(nothing()));
            } else {
                ending.begin();
            }
        });
        if (!accepted) {
            asked.complete(nothing());
        }
        return asked;
    }

    /** How the lease is being ended, once {@link Ending#begin} is called if it was held; null if it has ended for good. */
    private @Nullable Ending ending(EtcdLease lease) {
        Ending known = endings.get(lease);
        Duration left = lease.left();
        if (known != null || !end(lease)) {
            return known;
        }
        Ending ending = new Ending(lease, left);
        endings.put(lease, ending);
        return ending;
    }

    @SuppressWarnings("NullAway") // The only value that Void has.
    private static Void nothing() {
        return (Void) (Object) null;
    }

    /** Ends all leases: revokes them as far as the store answers soon, and does not wait for long. Called from any thread. */
    void close() {
        CountDownLatch done = new CountDownLatch(1);
        boolean alive = handle.loop().execute(() -> {
            closed = true;
            for (EtcdLease lease : List.copyOf(running.keySet())) {
                Ending ending = ending(lease);
                if (ending != null) {
                    ending.begin();
                }
            }
            keepAlive.close();
            List.copyOf(granting).forEach(this::takeBack);
            revoker.whenIdle(done::countDown);
        });
        if (alive) {
            UninterruptibleWait.atMost(done, Duration.ofMillis(PATIENCE_AT_CLOSE_MILLIS));
        }
        if (!handle.loop().execute(this::abandon)) {
            // The loop has died, and whatever was confined to it is nobody's but the caller's.
            for (EtcdLease lease : running.keySet()) {
                lease.drop();
                tell(lease, LeaseEnd.LOST);
            }
            running.clear();
            abandon();
        }
    }

    /** Nobody will ask the store any more. */
    private void abandon() {
        List<Ending> left = List.copyOf(endings.values());
        // Whoever asks now is not kept waiting for what nobody does: the leases have ended.
        endings.clear();
        long longest = left.stream()
                .mapToLong(ending -> ending.lease.ttl().toSeconds())
                .max()
                .orElse(0);
        if (left.size() == 1) {
            LOG.warn(
                    "{}: lease {} could not be revoked while the handle was closed; its entries go after its ttl of {} s{}.",
                    handle.name(),
                    left.get(0).lease.id(),
                    longest,
                    left.get(0).lastReason());
        } else if (!left.isEmpty()) {
            LOG.warn(
                    "{}: {} leases could not be revoked while the handle was closed; their entries go after their ttls, of at most {} s{}.",
                    handle.name(),
                    left.size(),
                    longest,
                    left.get(left.size() - 1).lastReason());
        }
        left.forEach(Ending::abandon);
        log.flush();
    }

    /** A lease that is no longer held, until the store has confirmed that it is gone. Confined to the loop. */
    private final class Ending implements Revoker.Ending {
        private final EtcdLease lease;
        private final Context context = handle.context("revokeLease", null);
        private final Set<CompletableFuture<Void>> waiting = new LinkedHashSet<>();
        private final Runnable cancelExpiry;
        /** Requests whose end has not been seen yet. */
        private int underWay;
        /** Whether a request has ended that may have had its effect. */
        private boolean inDoubt;

        private Revoker.@Nullable Failure lastFailure;
        private boolean denied;
        private boolean begun;

        Ending(EtcdLease lease, Duration left) {
            this.lease = lease;
            // By then it has ended by itself, and nobody can say that it was revoked.
            this.cancelExpiry = handle.loop().schedule(left, () -> tell(lease, LeaseEnd.LOST));
        }

        /** Asks the store, unless it has been asked: after those who wait were added, since a failure here must not leave them out. */
        void begin() {
            if (!begun) {
                begun = true;
                revoker.revoke(lease.number(), this);
            }
        }

        void add(CompletableFuture<Void> asked) {
            waiting.add(asked);
            handle.loop().schedule(timeout, () -> {
                if (waiting.remove(asked)) {
                    fail(
                            asked,
                            outcome -> new DeadlineExceededException(
                                    context,
                                    outcome,
                                    timeout,
                                    "but the lease is not renewed any more, and is revoked as soon as the store does it"
                                            + lastReason(),
                                    lastFailure == null ? null : lastFailure.cause()));
                }
            });
        }

        @Override
        public void leaves() {
            underWay++;
        }

        @Override
        public void failed(Revoker.Failure failure) {
            underWay--;
            inDoubt |= failure.inDoubt();
            lastFailure = failure;
            if (!failure.denied()) {
                return;
            }
            String reason = "the store refuses to revoke the lease: " + failure.reason()
                    + "; it is not renewed any more, and its entries go after its ttl of "
                    + lease.ttl().toSeconds() + " s, or as soon as the store does it";
            if (!denied) {
                denied = true;
                log.refused(lease, reason);
            }
            for (CompletableFuture<Void> asked : waiting) {
                KvException refused = new AccessDeniedException(context, reason, failure.cause());
                handle.threads().callbacks().execute(() -> asked.completeExceptionally(refused));
            }
            waiting.clear();
        }

        private String lastReason() {
            return lastFailure == null ? "" : "; the attempt before failed: " + lastFailure.reason();
        }

        @Override
        public void confirmed(long revision) {
            handle.saw(revision);
            endings.remove(lease);
            cancelExpiry.run();
            tell(lease, LeaseEnd.REVOKED);
            for (CompletableFuture<Void> asked : waiting) {
                handle.threads().callbacks().execute(() -> asked.complete(nothing()));
            }
            waiting.clear();
        }

        /** The handle is closed, and nobody will ask the store any more. */
        void abandon() {
            cancelExpiry.run();
            tell(lease, LeaseEnd.LOST);
            waiting.forEach(asked -> fail(asked, outcome -> new BackendClosedException(context, outcome)));
            waiting.clear();
        }

        private void fail(CompletableFuture<Void> asked, Function<Outcome, KvException> failure) {
            KvException reason = failure.apply(underWay > 0 || inDoubt ? Outcome.UNKNOWN : Outcome.NOT_APPLIED);
            handle.threads().callbacks().execute(() -> asked.completeExceptionally(reason));
        }
    }
}
