package dev.rollcall.etcd;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.support.BatchQueue.Claim;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
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

    /** A read. */
    static BatchForm of(RangeRequest question, Answer answered) {
        return new BatchForm(RequestOp.newBuilder().setRequestRange(question).build(), null, Map.of(), false, answered);
    }
}
