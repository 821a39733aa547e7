package dev.rollcall.etcd;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.BatchQueue.Claim;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The form in which a request can share a batch: as one operation of an etcd transaction whose only conditions are those of shortcuts.
 *
 * @param part the question as such an operation
 * @param shortcut a cheaper operation, or null if there is none
 * @param claims the keys whose state decides what it does, and those that it may change
 * @param makesRoom whether it writes, and only deletes
 * @param answered takes its part of the answer
 */
record BatchForm(
        RequestOp part, @Nullable Shortcut shortcut, Map<Key, Claim> claims, boolean makesRoom, Answer answered) {
    /** Larger ones leave too little of the 128 operations, the nested ones included, that etcd allows a transaction. */
    private static final int MOST_OPERATIONS = 16;

    /**
     * What means the same, and has the same answer, as long as a comparison holds.
     *
     * @param holds the comparison, of a key that the question claims
     * @param part the operation
     */
    record Shortcut(Compare holds, RequestOp part) {}

    /** Takes the part of an answer. */
    interface Answer {
        /** The store has answered, with the state at {@code revision}. */
        void accept(long revision, ResponseOp part);
    }

    /** Takes the answer to a transaction. */
    interface TxnAnswer {
        /** The store has answered, at {@code revision}. */
        void accept(long revision, boolean succeeded, TxnResponse answer);
    }

    /** Takes the answer to a range. */
    interface RangeAnswer {
        /** The store has answered, with the state at {@code revision}. */
        void accept(long revision, RangeResponse answer);
    }

    /** A read. */
    static BatchForm of(RangeRequest question, RangeAnswer answered) {
        return new BatchForm(
                RequestOp.newBuilder().setRequestRange(question).build(),
                null,
                Map.of(),
                false,
                (revision, part) -> answered.accept(revision, part.getResponseRange()));
    }

    /** A transaction, or null if it is better off by itself. */
    static @Nullable BatchForm of(Txn txn, TxnRequest question, @Nullable Shortcut shortcut, TxnAnswer answered) {
        if (txn.conditions().size() > MOST_OPERATIONS || txn.writes().size() > MOST_OPERATIONS) {
            return null;
        }
        Map<Key, Claim> claims = new HashMap<>();
        boolean makesRoom = txn.writes().stream().noneMatch(Write.Put.class::isInstance);
        for (Condition condition : txn.conditions()) {
            claims.put(condition.key(), Claim.READ);
        }
        for (Write write : txn.writes()) {
            claims.put(write.key(), Claim.WRITE);
        }
        if (question.getCompareCount() == 0 && question.getSuccessCount() == 1) {
            // What cannot fail needs no transaction around it.
            return new BatchForm(
                    question.getSuccess(0),
                    null,
                    claims,
                    makesRoom,
                    (revision, part) -> answered.accept(revision, true, TxnResponse.getDefaultInstance()));
        }
        return new BatchForm(
                RequestOp.newBuilder().setRequestTxn(question).build(),
                shortcut,
                claims,
                makesRoom,
                (revision, part) -> answered.accept(
                        revision,
                        // A shortcut may be a mere put, which only answers if it was done.
                        part.hasResponsePut() || part.getResponseTxn().getSucceeded(),
                        part.getResponseTxn()));
    }
}
