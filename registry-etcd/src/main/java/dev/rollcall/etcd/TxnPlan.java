package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.BatchQueue.Claim;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A transaction in etcd's terms.
 *
 * <p>A put without a lease has to leave the entry's lease as it is. etcd takes a lease away unless told to ignore it, and refuses to
 * ignore it for a key that is absent; so it must be known whether the key has a lease, or at least whether it is there. A condition on the key
 * tells the latter; otherwise the plan assumes that there is no lease, has etcd compare that, and is made again if it is not so. Each value
 * thus is in the request once, and what is within the limits fits.
 *
 * <p>Of an answer only that is read which etcd's protocol promises for each version: whether keys have a lease is answered by comparisons, since ranges
 * of keys without values tell it or not, depending on the version.
 */
final class TxnPlan {
    /** etcd takes 128 operations, those of a nested transaction on top; so one is left for the comparisons that answer. */
    private static final int MOST_COMPARISONS = 127;

    /** Contradictions that a caller has to wait for: an answer in which everything holds and which still refuses. */
    private static final int MOST_CONTRADICTIONS = 2;

    private static final int MOST_NAMED = 4;

    /** Larger ones leave too little of the 128 operations, the nested ones included, that etcd allows a transaction, to share a request. */
    private static final int MOST_SHARED_OPERATIONS = 16;

    /** The target of a comparison that the generated classes have no name for. Without a lease to compare with, etcd compares with none. */
    private static final int LEASE = 4;

    private final Txn txn;
    private final KeySpace keys;
    private final long leaseId;
    /** Whether keys have a lease, as far as that is assumed; in the order of the writes, since answers are told apart by their position. */
    private final Map<Key, Boolean> assumed;
    /** How many answers, one after another, have contradicted themselves. */
    private final int contradictions;

    private TxnPlan(Txn txn, KeySpace keys, long leaseId, Map<Key, Boolean> assumed, int contradictions) {
        this.txn = txn;
        this.keys = keys;
        this.leaseId = leaseId;
        this.assumed = assumed;
        this.contradictions = contradictions;
    }

    /** The plan for {@code txn}, whose lease, if it has one, is known to etcd as {@code leaseId}. */
    static TxnPlan of(Txn txn, KeySpace keys, long leaseId) {
        Set<Key> conditions = new HashSet<>();
        txn.conditions().forEach(condition -> conditions.add(condition.key()));
        List<Write.Put> open = new ArrayList<>();
        for (Write write : txn.writes()) {
            if (write instanceof Write.Put put && put.lease() == null && !conditions.contains(put.key())) {
                open.add(put);
            }
        }
        int most = MOST_COMPARISONS - txn.conditions().size();
        if (open.size() > most) {
            // Where etcd's limit leaves no room for another comparison, the smallest value is sent twice.
            open.remove(open.stream()
                    .min(Comparator.comparingInt(put -> put.value().size()))
                    .orElseThrow());
        }
        Map<Key, Boolean> assumed = new LinkedHashMap<>();
        open.forEach(put -> assumed.put(put.key(), false));
        return new TxnPlan(txn, keys, leaseId, assumed, 0);
    }

    /**
     * What the store has replied.
     *
     * @param succeeded whether the transaction was done
     * @param answer if not, what {@link #failure} and {@link #corrected} read
     */
    record Reply(long revision, boolean succeeded, TxnResponse answer) {
        private static Reply of(TxnResponse alone) {
            return new Reply(alone.getHeader().getRevision(), alone.getSucceeded(), alone);
        }

        private static Reply of(long revision, ResponseOp part) {
            // A shortcut may be a mere put, which only answers if it was done.
            return new Reply(
                    revision, part.hasResponsePut() || part.getResponseTxn().getSucceeded(), part.getResponseTxn());
        }
    }

    /** The request on behalf of {@code call}, in the forms in which it can be sent; {@code replied} takes the reply to either. */
    EtcdRequest<TxnRequest, TxnResponse> request(PendingCall<?> call, Consumer<Reply> replied) {
        TxnRequest question = question();
        Consumer<TxnResponse> alone = answer -> replied.accept(Reply.of(answer));
        return txn.writes().isEmpty()
                ? EtcdRequest.read(call, KVGrpc.getTxnMethod(), question, alone)
                : EtcdRequest.write(call, KVGrpc.getTxnMethod(), question, alone)
                        .with(batchForm(question, replied));
    }

    /** The key of an entry that is there, as of the commit's revision, once this has been done; null if it puts nothing. */
    @Nullable
    Key put() {
        for (Write write : txn.writes()) {
            if (write instanceof Write.Put put) {
                return put.key();
            }
        }
        return null;
    }

    /** What is sent. If what it compares does not hold, the answer tells what {@link #failure} and {@link #corrected} read. */
    TxnRequest question() {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        Map<Key, Condition> conditions = new HashMap<>();
        for (Condition condition : txn.conditions()) {
            conditions.put(condition.key(), condition);
            request.addCompare(compare(condition));
            request.addFailure(revisionOf(condition.key()));
        }
        assumed.forEach((key, leased) -> {
            request.addCompare(leased(keys.name(key), leased));
            request.addFailure(isUnleased(key));
        });
        for (Write write : txn.writes()) {
            request.addSuccess(write(write, conditions.get(write.key())));
        }
        return request.build();
    }

    /** How it can share a request with others, or null if it is better off by itself. */
    private @Nullable BatchForm batchForm(TxnRequest question, Consumer<Reply> replied) {
        if (txn.conditions().size() > MOST_SHARED_OPERATIONS || txn.writes().size() > MOST_SHARED_OPERATIONS) {
            return null;
        }
        Map<Key, Claim> claims = new HashMap<>();
        txn.conditions().forEach(condition -> claims.put(condition.key(), Claim.READ));
        txn.writes().forEach(write -> claims.put(write.key(), Claim.WRITE));
        boolean makesRoom = put() == null;
        if (question.getCompareCount() == 0 && question.getSuccessCount() == 1) {
            // What cannot fail needs no transaction around it.
            return new BatchForm(
                    question.getSuccess(0),
                    null,
                    claims,
                    makesRoom,
                    (revision, part) -> replied.accept(new Reply(revision, true, TxnResponse.getDefaultInstance())));
        }
        return new BatchForm(
                RequestOp.newBuilder().setRequestTxn(question).build(),
                shortcut(question),
                claims,
                makesRoom,
                (revision, part) -> replied.accept(Reply.of(revision, part)));
    }

    /** Without what only a leased entry needs: for a put, a transaction less; for one with a condition, a look at the entry less. */
    private BatchForm.@Nullable Shortcut shortcut(TxnRequest question) {
        if (txn.writes().size() != 1 || !question.getSuccess(0).hasRequestPut()) {
            return null;
        }
        if (txn.conditions().isEmpty() && !assumed.isEmpty()) {
            return new BatchForm.Shortcut(question.getCompare(0), question.getSuccess(0));
        }
        PutRequest put = question.getSuccess(0).getRequestPut();
        if (!put.getIgnoreLease() || !assumed.isEmpty()) {
            return null;
        }
        PutRequest.Builder plain = put.toBuilder().setIgnoreLease(false);
        return new BatchForm.Shortcut(
                leased(plain.getKey(), false),
                RequestOp.newBuilder()
                        .setRequestTxn(question.toBuilder().setSuccess(0, put(plain)))
                        .build());
    }

    /**
     * The failure that an answer amounts to, or null if only an assumption was wrong and {@link #corrected} is to be tried: a condition that
     * does not hold, or that nothing is wrong by what the answer says, again and again.
     */
    @Nullable
    KvException failure(Context context, TxnResponse answer) {
        for (int i = 0; i < txn.conditions().size(); i++) {
            Condition condition = txn.conditions().get(i);
            long revision = revision(answer, i);
            if (!condition.holds(revision)) {
                return ConditionFailedException.of(context, condition, revision);
            }
        }
        if (contradictions < MOST_CONTRADICTIONS || !found(answer).equals(assumed)) {
            return null;
        }
        return new KvException(
                context,
                Outcome.NOT_APPLIED,
                false,
                "the store refused it " + (contradictions + 1)
                        + " times, each time with an answer by which everything holds that it was asked to compare ("
                        + txn.conditions().size() + " conditions; with a lease: " + named(true) + "; without: "
                        + named(false)
                        + "); this is a fault of the store or of a proxy before it",
                null);
    }

    private String named(boolean leased) {
        String names = assumed.entrySet().stream()
                .filter(entry -> entry.getValue() == leased)
                .map(entry -> "'" + entry.getKey().path() + "'")
                .limit(MOST_NAMED)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    /** The plan that follows from an answer which contradicts an assumption. */
    TxnPlan corrected(TxnResponse answer) {
        Map<Key, Boolean> next = found(answer);
        return new TxnPlan(txn, keys, leaseId, next, next.equals(assumed) ? contradictions + 1 : 0);
    }

    /** What an answer says about the keys that something was assumed of. */
    private Map<Key, Boolean> found(TxnResponse answer) {
        Map<Key, Boolean> found = new LinkedHashMap<>();
        int i = txn.conditions().size();
        for (Key key : assumed.keySet()) {
            found.put(key, !answer.getResponses(i++).getResponseTxn().getSucceeded());
        }
        return found;
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

    /** Leases are told from none by any other id: those that other programs choose may be negative. */
    private static Compare leased(ByteString name, boolean leased) {
        return Compare.newBuilder()
                .setKey(name)
                .setTargetValue(LEASE)
                .setResult(leased ? Compare.CompareResult.NOT_EQUAL : Compare.CompareResult.EQUAL)
                .build();
    }

    /** A transaction that does nothing, and succeeds if the key has no lease. */
    private RequestOp isUnleased(Key key) {
        return RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addCompare(leased(keys.name(key), false)))
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
