package dev.rollcall.etcd;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads and commits: turns them into requests, and the replies into results. Safe for use by several threads. */
final class Operations {
    private final EtcdContext handle;
    private final Leases leases;

    Operations(EtcdContext handle, Leases leases) {
        this.handle = handle;
        this.leases = leases;
    }

    CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        PendingCall<GetResult> call = handle.calls().begin(handle.context("get", key.path()), false);
        get(call, key, consistency == ReadConsistency.SEQUENTIAL);
        return call.future();
    }

    private void get(PendingCall<GetResult> call, Key key, boolean anyMember) {
        // Read before asking: what is seen while the question is on its way need not be in the answer.
        long floor = handle.memory().seen();
        RangeRequest question = RangeRequest.newBuilder()
                .setKey(handle.keys().name(key))
                .setSerializable(anyMember)
                .build();
        BiConsumer<Long, RangeResponse> answered = (revision, answer) -> {
            if (anyMember && revision < floor) {
                get(call, key, false);
            } else {
                call.complete(result(key, revision, answer));
            }
        };
        handle.dispatcher()
                .send(EtcdRequest.read(
                                call,
                                KVGrpc.getRangeMethod(),
                                question,
                                answer -> answered.accept(answer.getHeader().getRevision(), answer))
                        .with(BatchForm.of(
                                question, (revision, part) -> answered.accept(revision, part.getResponseRange()))));
    }

    private GetResult result(Key key, long revision, RangeResponse answer) {
        handle.saw(revision);
        return new GetResult(key, answer.getKvsCount() == 0 ? null : KeySpace.entry(key, answer.getKvs(0)), revision);
    }

    CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        PendingCall<Snapshot> call = handle.calls().begin(handle.context("list", directory.path()), false);
        PagedListing listing = new PagedListing(handle, call, directory, false, (entries, revision) -> {
            handle.saw(revision);
            call.complete(ListResults.snapshot(handle.keys(), directory, entries, revision));
        });
        if (consistency == ReadConsistency.SEQUENTIAL) {
            listing.startNotBefore(handle.memory().seen());
        } else {
            listing.start();
        }
        return call.future();
    }

    CompletableFuture<KeyListing> keys(Directory directory) {
        PendingCall<KeyListing> call = handle.calls().begin(handle.context("keys", directory.path()), false);
        new PagedListing(handle, call, directory, true, (entries, revision) -> {
                    handle.saw(revision);
                    call.complete(ListResults.listing(handle.keys(), directory, entries, revision));
                })
                .start();
        return call.future();
    }

    CompletableFuture<Commit> commit(Txn txn) {
        EtcdLease lease = own(txn.lease());
        PendingCall<Commit> call = handle.calls()
                .begin(
                        handle.context(txn.operation(), onlyKey(txn)),
                        !txn.writes().isEmpty());
        if (lease != null && !lease.isHeld()) {
            call.fail(new LeaseLostException(call.context(), lease.id(), null));
        } else if (txn.writes().isEmpty() && txn.conditions().isEmpty()) {
            readRevision(call);
        } else {
            send(call, TxnPlan.of(txn, handle.keys(), lease == null ? 0 : lease.number()), lease);
        }
        return call.future();
    }

    /** The lease as ours, or null for none. */
    private @Nullable EtcdLease own(@Nullable Lease lease) {
        if (lease == null) {
            return null;
        }
        if (lease instanceof EtcdLease ours && ours.isOf(leases)) {
            return ours;
        }
        throw new IllegalArgumentException("The lease " + lease.id() + " was granted by another handle than "
                + handle.name() + "; a lease can only be used by the handle that keeps it alive.");
    }

    private static @Nullable String onlyKey(Txn txn) {
        return txn.writes().size() == 1
                ? txn.writes().get(0).key().path()
                : txn.writes().isEmpty() && txn.conditions().size() == 1
                        ? txn.conditions().get(0).key().path()
                        : null;
    }

    /** A transaction of nothing holds at any revision; a transaction that etcd sees nothing in would not be linearizable. */
    private void readRevision(PendingCall<Commit> call) {
        RangeRequest question = RangeRequest.newBuilder()
                .setKey(handle.keys().first(Directory.ROOT))
                .setKeysOnly(true)
                .build();
        handle.dispatcher().send(EtcdRequest.read(call, KVGrpc.getRangeMethod(), question, answer -> {
            handle.saw(answer.getHeader().getRevision());
            call.complete(new Commit(answer.getHeader().getRevision()));
        }));
    }

    private void send(PendingCall<Commit> call, TxnPlan plan, @Nullable EtcdLease lease) {
        handle.dispatcher()
                .send(plan.request(call, reply -> replied(call, plan, lease, reply))
                        .unless(status -> lostLease(call, lease, status)));
    }

    private void replied(PendingCall<Commit> call, TxnPlan plan, @Nullable EtcdLease lease, TxnPlan.Reply reply) {
        handle.saw(reply.revision());
        if (reply.succeeded()) {
            Key put = plan.put();
            if (put != null) {
                handle.memory().remember(put, reply.revision());
            }
            call.complete(new Commit(reply.revision()));
            return;
        }
        KvException failure = plan.failure(call.context(), reply.answer());
        if (failure != null) {
            call.fail(failure);
        } else {
            call.unsent("the store has found that what was assumed about the lease of a key is not so", null);
            send(call, plan.corrected(reply.answer()), lease);
        }
    }

    private boolean lostLease(PendingCall<Commit> call, @Nullable EtcdLease lease, Status status) {
        if (lease == null || !EtcdErrors.isLeaseUnknown(status)) {
            return false;
        }
        // Its holder is not to rely on it until the next renewal would tell.
        leases.gone(lease);
        call.fail(new LeaseLostException(call.context(), lease.id(), status.asRuntimeException()));
        return true;
    }
}
