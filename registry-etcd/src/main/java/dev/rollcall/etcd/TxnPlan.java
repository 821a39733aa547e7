package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A transaction in etcd's terms.
 *
 * <p>A put without a lease has to leave the entry's lease as it is. etcd takes a lease away unless told to ignore it, and refuses to
 * ignore it for a key that is absent; so it must be known whether the key has a lease, or at least whether it is there. A condition on the key
 * tells the latter; otherwise the put becomes a transaction within the transaction, which holds the value twice. Where that would be too much
 * for one request, the plan rests on an assumption that is checked like a condition, and is made again if it turns out to be wrong.
 */
final class TxnPlan {
    /** etcd's default limit for a request is 1.5 MiB; the rest is for what surrounds keys and values. */
    private static final int MOST_BYTES = 1_400_000;
    /** The target of a comparison that the generated classes have no name for. Without a lease to compare with, etcd compares with none. */
    private static final int LEASE = 4;

    private final Txn txn;
    private final KeySpace keys;
    private final long leaseId;
    /** Whether keys have a lease, as far as that is assumed and not asked. */
    private final Map<Key, Boolean> assumed;

    private TxnPlan(Txn txn, KeySpace keys, long leaseId, Map<Key, Boolean> assumed) {
        this.txn = txn;
        this.keys = keys;
        this.leaseId = leaseId;
        this.assumed = assumed;
    }

    /** The plan for {@code txn}, whose lease, if it has one, is known to etcd as {@code leaseId}. */
    static TxnPlan of(Txn txn, KeySpace keys, long leaseId) {
        Map<Key, Condition> conditions = new HashMap<>();
        txn.conditions().forEach(condition -> conditions.put(condition.key(), condition));
        Map<Key, Boolean> assumed = new LinkedHashMap<>();
        long bytes = 0;
        for (Write write : txn.writes()) {
            if (write instanceof Write.Put put) {
                bytes += put.value().size() + put.key().path().length();
            }
        }
        for (Write write : txn.writes()) {
            if (write instanceof Write.Put put && put.lease() == null && !conditions.containsKey(put.key())) {
                if (bytes + put.value().size() > MOST_BYTES) {
                    assumed.put(put.key(), false);
                } else {
                    bytes += put.value().size();
                }
            }
        }
        return new TxnPlan(txn, keys, leaseId, assumed);
    }

    /** Whether there is anything to write. */
    boolean writes() {
        return !txn.writes().isEmpty();
    }

    /** Whether every answer means that it was done: the request then is a single put, in one of two forms. */
    boolean cannotFail() {
        return txn.conditions().isEmpty()
                && assumed.isEmpty()
                && txn.writes().size() == 1
                && txn.writes().get(0) instanceof Write.Put put
                && put.lease() == null;
    }

    /**
     * The request. If it {@linkplain #cannotFail can fail} and its conditions do not hold, the answer tells the revisions of all keys it was
     * about, at that moment.
     */
    TxnRequest request() {
        if (cannotFail()) {
            return write(txn.writes().get(0), null).getRequestTxn();
        }
        TxnRequest.Builder request = TxnRequest.newBuilder();
        Map<Key, Condition> conditions = new HashMap<>();
        for (Condition condition : txn.conditions()) {
            conditions.put(condition.key(), condition);
            request.addCompare(compare(condition));
            request.addFailure(revisionOf(condition.key()));
        }
        assumed.forEach((key, leased) -> {
            request.addCompare(leased(keys.name(key), leased));
            request.addFailure(revisionOf(key));
        });
        for (Write write : txn.writes()) {
            request.addSuccess(write(write, conditions.get(write.key())));
        }
        return request.build();
    }

    /** How {@code question}, which is this plan's, can share a request with others, or null if it is better off by itself. */
    @Nullable
    Ride ride(TxnRequest question, Ride.TxnAnswer answered) {
        return Ride.of(txn, question, shortcut(question), answered);
    }

    /** Without what only a leased entry needs: for a put, the value once instead of twice; for one with a condition, a look at the entry less. */
    private Ride.@Nullable Shortcut shortcut(TxnRequest question) {
        if (cannotFail()) {
            return new Ride.Shortcut(question.getCompare(0), question.getSuccess(0));
        }
        if (txn.writes().size() != 1 || !question.getSuccess(0).getRequestPut().getIgnoreLease()) {
            return null;
        }
        PutRequest.Builder plain =
                question.getSuccess(0).getRequestPut().toBuilder().setIgnoreLease(false);
        return new Ride.Shortcut(
                leased(plain.getKey(), false),
                RequestOp.newBuilder()
                        .setRequestTxn(question.toBuilder().setSuccess(0, put(plain)))
                        .build());
    }

    /** The failure that an answer amounts to, or null if only an assumption was wrong and {@link #corrected} is to be tried. */
    @Nullable
    ConditionFailedException failure(Context context, TxnResponse answer) {
        for (int i = 0; i < txn.conditions().size(); i++) {
            Condition condition = txn.conditions().get(i);
            long revision = revision(answer, i);
            if (!holds(condition, revision)) {
                return ConditionFailedException.of(context, condition, revision);
            }
        }
        return null;
    }

    /** The plan that follows from an answer which contradicts an assumption. */
    TxnPlan corrected(TxnResponse answer) {
        Map<Key, Boolean> found = new HashMap<>();
        int i = txn.conditions().size();
        for (Key key : assumed.keySet()) {
            RangeResponse range = answer.getResponses(i++).getResponseRange();
            found.put(key, range.getKvsCount() > 0 && range.getKvs(0).getLease() != 0);
        }
        // In the same order as before, since answers are told apart by their position.
        Map<Key, Boolean> next = new LinkedHashMap<>(assumed);
        next.replaceAll((key, leased) -> found.getOrDefault(key, leased));
        return new TxnPlan(txn, keys, leaseId, next);
    }

    private static boolean holds(Condition condition, long revision) {
        if (condition instanceof Condition.Absent) {
            return revision == 0;
        }
        if (condition instanceof Condition.RevisionIs expected) {
            return revision == expected.revision();
        }
        return revision > 0;
    }

    private static long revision(TxnResponse answer, int index) {
        RangeResponse range = answer.getResponses(index).getResponseRange();
        return range.getKvsCount() == 0 ? 0 : range.getKvs(0).getModRevision();
    }

    private Compare compare(Condition condition) {
        ByteString name = keys.name(condition.key());
        if (condition instanceof Condition.RevisionIs expected) {
            return Compare.newBuilder()
                    .setKey(name)
                    .setTarget(Compare.CompareTarget.MOD)
                    .setResult(Compare.CompareResult.EQUAL)
                    .setModRevision(expected.revision())
                    .build();
        }
        return present(name, condition instanceof Condition.Present);
    }

    private static Compare present(ByteString name, boolean present) {
        return Compare.newBuilder()
                .setKey(name)
                .setTarget(Compare.CompareTarget.CREATE)
                .setResult(present ? Compare.CompareResult.GREATER : Compare.CompareResult.EQUAL)
                .setCreateRevision(0)
                .build();
    }

    private static Compare leased(ByteString name, boolean leased) {
        return Compare.newBuilder()
                .setKey(name)
                .setTargetValue(LEASE)
                .setResult(leased ? Compare.CompareResult.GREATER : Compare.CompareResult.EQUAL)
                .build();
    }

    private RequestOp revisionOf(Key key) {
        return RequestOp.newBuilder()
                .setRequestRange(
                        RangeRequest.newBuilder().setKey(keys.name(key)).setKeysOnly(true))
                .build();
    }

    private RequestOp write(Write write, @Nullable Condition condition) {
        ByteString name = keys.name(write.key());
        if (!(write instanceof Write.Put put)) {
            return RequestOp.newBuilder()
                    .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(name))
                    .build();
        }
        PutRequest.Builder plain = PutRequest.newBuilder().setKey(name).setValue(KeySpace.value(put.value()));
        if (put.lease() != null) {
            return put(plain.setLease(leaseId));
        }
        if (condition != null) {
            return put(plain.setIgnoreLease(!(condition instanceof Condition.Absent)));
        }
        Boolean leased = assumed.get(put.key());
        if (leased != null) {
            return put(plain.setIgnoreLease(leased));
        }
        return RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder()
                        .addCompare(leased(name, false))
                        .addSuccess(put(plain))
                        .addFailure(put(plain.setIgnoreLease(true))))
                .build();
    }

    private static RequestOp put(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }
}
