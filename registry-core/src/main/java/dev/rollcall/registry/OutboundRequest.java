package dev.rollcall.registry;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request to the owner of a node, and its reply. Confined to the caller's thread, except the events of the watch. */
final class OutboundRequest {
    private final KvBackend backend;
    private final NodeKeys keys;
    private final String kind;
    private final String nodeId;
    private final NodeRequest what;
    private final String by;
    private final Key entry;

    OutboundRequest(KvBackend backend, NodeKeys keys, String kind, String nodeId, NodeRequest what, String by) {
        this.backend = backend;
        this.keys = keys;
        this.kind = kind;
        this.nodeId = nodeId;
        this.what = what;
        this.by = by;
        this.entry = keys.request(kind, nodeId);
    }

    void send(BlockingCalls.Call call) throws InterruptedException {
        Contention contention = new Contention(call);
        while (true) {
            contention.beforeAttempt();
            KeyValue claim = call.read(backend.get(keys.claim(kind, nodeId))).entryOrNull();
            if (claim == null) {
                throw nobody(call);
            }
            String incarnation = Claim.incarnation(claim.value());
            KeyValue former = call.read(backend.get(entry)).entryOrNull();
            RequestEntry waiting = former == null ? null : RequestEntry.of(former.value());
            if (waiting != null && waiting.isFor(incarnation)) {
                throw failure(
                        call,
                        Outcome.NOT_APPLIED,
                        "its owner has not answered an earlier request to " + waiting.request() + " by "
                                + waiting.by());
            }
            Txn.Builder txn = Txn.builder().ifRevision(keys.claim(kind, nodeId), claim.revision());
            if (former == null) {
                txn.ifAbsent(entry);
            } else {
                txn.ifRevision(entry, former.revision());
            }
            txn.put(entry, new RequestEntry(what, incarnation, by).value());
            try {
                await(call, call.write(backend.commit(txn.build())).revision());
                return;
            } catch (ConditionFailedException e) {
                contention.lost();
            }
        }
    }

    private void await(BlockingCalls.Call call, long asked) throws InterruptedException {
        Answer answer = new Answer(asked, call.context());
        try (Watch watch = backend.watch(keys.requests(kind), WatchStart.snapshot(), answer)) {
            KeyValue refusal = call.write(answer.come);
            if (refusal != null) {
                forget(refusal.revision());
                throw failure(
                        call,
                        Outcome.NOT_APPLIED,
                        "its owner refuses to " + what.text() + ": "
                                + RequestEntry.of(refusal.value()).by());
            }
        } catch (DeadlineExceededException | InterruptedException e) {
            forget(asked);
            throw e;
        }
    }

    /** Not waited for: if it fails, the next request, or the next owner, clears it away. */
    private void forget(long revision) {
        var unused = backend.commit(
                Txn.builder().ifRevision(entry, revision).delete(entry).build());
    }

    private KvException nobody(BlockingCalls.Call call) throws InterruptedException {
        Key record = keys.record(kind, nodeId);
        if (call.read(backend.get(record)).entryOrNull() == null) {
            return ConditionFailedException.of(call.context(), new Condition.Present(record), 0);
        }
        boolean tidb = keys.layout() == NodeLayout.TIDB_BINLOG;
        String singular = kind.endsWith("s") ? kind.substring(0, kind.length() - 1) : kind;
        String way = what == NodeRequest.PAUSE ? "pause-" : "offline-";
        return failure(
                call,
                Outcome.NOT_APPLIED,
                "no registration of ours owns this node, so nobody would obey"
                        + (tidb
                                ? "; a process of TiDB's own is asked by 'binlogctl -cmd " + way + singular
                                        + " -node-id " + Printable.text(nodeId)
                                        + "', and a record that nobody owns any"
                                        + " more is removed by removeNode"
                                : "; a record that nobody owns any more is changed by updateNode, and removed by removeNode"));
    }

    private KvException failure(BlockingCalls.Call call, Outcome outcome, String reason) {
        String clause = reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
        return new KvException(call.context(), outcome, false, clause, null);
    }

    /** Waits for the entry to be deleted, or to say why it will not be. */
    private final class Answer implements WatchListener {
        private final long asked;
        private final KvException.Context context;
        private final CompletableFuture<@Nullable KeyValue> come = new CompletableFuture<>();

        Answer(long asked, KvException.Context context) {
            this.asked = asked;
            this.context = context;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal.revision() < asked) {
                return;
            }
            if (signal instanceof Snapshot snapshot) {
                found(snapshot.entries().stream()
                        .filter(present -> present.key().equals(entry))
                        .findFirst()
                        .orElse(null));
            } else if (signal instanceof Changes changes) {
                for (Change change : changes.changes()) {
                    if (change.key().equals(entry)) {
                        found(change instanceof Change.Put put ? put.entry() : null);
                    }
                }
            }
        }

        private void found(@Nullable KeyValue present) {
            if (present == null) {
                come.complete(null);
            } else if (present.revision() > asked) {
                if (RequestEntry.of(present.value()).request() == null) {
                    come.complete(present);
                } else {
                    come.completeExceptionally(new KvException(
                            context,
                            Outcome.UNKNOWN,
                            false,
                            "somebody else's request took its place before the answer was seen",
                            null));
                }
            }
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            if (cause != null) {
                come.completeExceptionally(cause);
            }
        }
    }
}
