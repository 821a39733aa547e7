package dev.rollcall.etcd;

import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The leases of a handle: granted under ids of our choice, so that a grant whose answer was lost can be taken back; kept alive by {@link
 * KeepAlive}; revoked at the end. Confined to the {@link IoLoop}, but for what is called by users.
 */
final class Leases {
    /** etcd counts whole seconds; the server raises a shorter request to one and a half times its election timeout. */
    static final Limits LIMITS = new Limits(Duration.ofSeconds(1), Duration.ofDays(1));

    private static final long REVOKE_MILLIS = 700;

    private final Handle handle;
    private final KeepAlive keepAlive;
    private final Map<EtcdLease, CompletableFuture<Void>> revocations = new LinkedHashMap<>();
    private final Map<EtcdLease, Runnable> running = new LinkedHashMap<>();
    private boolean closed;

    Leases(Handle handle) {
        this.handle = handle;
        this.keepAlive = new KeepAlive(handle, this::lost);
    }

    /** The stream that renews. */
    KeepAlive keepAlive() {
        return keepAlive;
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
        // Until the answer comes, the term can only be counted from before the question was sent.
        long askedAt = System.nanoTime();
        handle.sender()
                .send(Exchange.write(
                                call,
                                LeaseGrpc.getLeaseGrantMethod(),
                                question,
                                answer -> granted(call, answer, askedAt))
                        .unless(status -> {
                            if (EtcdErrors.isLeaseTaken(status)) {
                                ask(call, seconds);
                                return true;
                            }
                            return false;
                        }));
        call.future().whenComplete((lease, failure) -> {
            if (failure != null) {
                // It may have been granted all the same, or will be: nobody would ever revoke it.
                handle.loop().execute(() -> forget(id));
            }
        });
    }

    private void granted(PendingCall<Lease> call, LeaseGrantResponse answer, long askedAt) {
        EtcdLease lease = new EtcdLease(this, answer.getID(), Duration.ofSeconds(answer.getTTL()), askedAt);
        if (call.isDone() || closed) {
            forget(lease.number());
            return;
        }
        running.put(lease, () -> {});
        watchClock(lease);
        keepAlive.add(lease);
        call.complete(lease);
    }

    /** Looks again when the term of the lease is over, which a renewal may have moved on by then. */
    private void watchClock(EtcdLease lease) {
        Runnable cancel = handle.loop().schedule(Duration.ofNanos(Math.max(0, lease.nanosLeft())), () -> {
            if (running.containsKey(lease)) {
                if (lease.isHeld()) {
                    watchClock(lease);
                } else {
                    lost(lease);
                }
            }
        });
        running.put(lease, cancel);
    }

    private void lost(EtcdLease lease) {
        if (end(lease)) {
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
            CompletableFuture<Void> revocation = revocations.get(lease);
            if (revocation == null && end(lease)) {
                revocation = sendRevocation(lease);
            }
            CompletableFuture<Void> known = revocation;
            // By way of a thread for user code also where the result is there already.
            handle.threads().callbacks().execute(() -> follow(known, asked));
        });
        if (!accepted) {
            asked.complete(nothing());
        }
        return asked;
    }

    private static void follow(@Nullable CompletableFuture<Void> revocation, CompletableFuture<Void> asked) {
        if (revocation == null) {
            asked.complete(nothing());
            return;
        }
        revocation.whenComplete((none, failure) -> {
            if (failure == null) {
                asked.complete(nothing());
            } else {
                asked.completeExceptionally(failure);
            }
        });
    }

    private CompletableFuture<Void> sendRevocation(EtcdLease lease) {
        PendingCall<Void> call = handle.calls().begin(handle.context("revokeLease", null), true);
        revocations.put(lease, call.future());
        LeaseRevokeRequest question =
                LeaseRevokeRequest.newBuilder().setID(lease.number()).build();
        handle.sender()
                .send(Exchange.write(call, LeaseGrpc.getLeaseRevokeMethod(), question, answer -> {
                            handle.saw(answer.getHeader().getRevision());
                            call.complete(nothing());
                        })
                        .unless(status -> {
                            if (EtcdErrors.isLeaseUnknown(status)) {
                                call.complete(nothing());
                                return true;
                            }
                            return false;
                        }));
        call.future().whenComplete((none, failure) -> {
            lease.tell(LeaseEnd.REVOKED);
            handle.loop().execute(() -> revocations.remove(lease));
        });
        return call.future();
    }

    @SuppressWarnings("NullAway") // The only value that Void has.
    private static Void nothing() {
        return (Void) (Object) null;
    }

    /** Revokes a lease that nobody has got hold of; if that fails, it ends by its ttl, since nobody renews it. */
    private void forget(long id) {
        keepAlive.revokeQuietly(id, () -> {});
    }

    /** Ends all leases: revokes them as far as the store answers soon, and does not wait for long. Called from any thread. */
    void close() {
        CountDownLatch done = new CountDownLatch(1);
        handle.loop().execute(() -> {
            closed = true;
            List<EtcdLease> all = new ArrayList<>(running.keySet());
            int[] open = {all.size()};
            for (EtcdLease lease : all) {
                end(lease);
                tell(lease, LeaseEnd.REVOKED);
                keepAlive.revokeQuietly(lease.number(), () -> {
                    if (--open[0] == 0) {
                        done.countDown();
                    }
                });
            }
            keepAlive.close();
            if (all.isEmpty()) {
                done.countDown();
            }
        });
        Waiting.atMost(done, Duration.ofMillis(REVOKE_MILLIS));
    }
}
