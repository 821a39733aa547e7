package dev.rollcall.etcd;

import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request to etcd on behalf of an operation.
 *
 * @param call the operation; once it is done, its questions are no longer asked
 * @param method what is called
 * @param question what is sent
 * @param write whether asking changes anything, in which case it is not sent again unless etcd has answered that it changed nothing
 * @param mayLeave is asked whenever the question might be sent, after however long a wait; if false, it has ended the operation
 * @param leaves runs each time the question is about to leave
 * @param answered takes the answer
 * @param handled takes the status of a failure, and says whether that settles it; if not, the operation fails
 * @param batchForm how it can share a request with others, or null if it is always sent by itself
 */
record EtcdRequest<Q, A>(
        PendingCall<?> call,
        MethodDescriptor<Q, A> method,
        Q question,
        boolean write,
        BooleanSupplier mayLeave,
        Runnable leaves,
        Consumer<A> answered,
        Predicate<Status> handled,
        @Nullable BatchForm batchForm) {
    /** A question that changes nothing. */
    static <Q, A> EtcdRequest<Q, A> read(
            PendingCall<?> call, MethodDescriptor<Q, A> method, Q question, Consumer<A> answered) {
        return new EtcdRequest<>(call, method, question, false, () -> true, () -> {}, answered, status -> false, null);
    }

    /** A question that may change something. */
    static <Q, A> EtcdRequest<Q, A> write(
            PendingCall<?> call, MethodDescriptor<Q, A> method, Q question, Consumer<A> answered) {
        return new EtcdRequest<>(call, method, question, true, () -> true, () -> {}, answered, status -> false, null);
    }

    /** Whether its answer shows that the member has the agreement of its cluster on what it reads. */
    boolean isLinearizableRead() {
        return question instanceof RangeRequest range && !range.getSerializable();
    }

    /** The same, with failures that are no failures of the operation. */
    EtcdRequest<Q, A> unless(Predicate<Status> settled) {
        return new EtcdRequest<>(call, method, question, write, mayLeave, leaves, answered, settled, batchForm);
    }

    /** The same, which may share a request with others. */
    EtcdRequest<Q, A> with(@Nullable BatchForm shared) {
        return new EtcdRequest<>(call, method, question, write, mayLeave, leaves, answered, handled, shared);
    }

    /** The same, unless {@code allowed} is false by the time when it might be sent, and has ended the operation; it runs on the loop. */
    EtcdRequest<Q, A> onlyIf(BooleanSupplier allowed) {
        return new EtcdRequest<>(call, method, question, write, allowed, leaves, answered, handled, batchForm);
    }

    /** The same, with something to do each time it is about to leave; it runs on the loop. */
    EtcdRequest<Q, A> leaving(Runnable action) {
        return new EtcdRequest<>(call, method, question, write, mayLeave, action, answered, handled, batchForm);
    }
}
