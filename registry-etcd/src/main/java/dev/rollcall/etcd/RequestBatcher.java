package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.support.BatchQueue;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests that wait to share a batch: a transaction with an operation for each of them.
 *
 * <p>They stay independent: each has conditions of its own, and one that fails leaves the others alone. Two of which one writes what the other writes or
 * tests never share a request, since etcd would refuse it, or test the state before both. A batch that etcd rejects as a whole, which it does before it
 * reads or changes the store, is split, and each request is sent by itself.
 *
 * <p>Belongs to one {@link MemberConnection} and is confined to the {@link IoLoop}.
 */
final class RequestBatcher {
    /** One that the store works on, and one that is on its way. */
    private static final int MOST_UNDER_WAY = 2;
    /** etcd takes 128 operations unless told otherwise, and counts those of nested transactions on top. */
    private static final int MOST_PARTS = 100;
    /** Of a request: a third of what etcd takes, so that a batch is no reason to refuse it. */
    private static final int MOST_BYTES = 512 * 1024;
    /** Of an answer, as far as that can be told from the one before. */
    private static final long MOST_ANSWER_BYTES = 2L * 1024 * 1024;

    /** After a batch whose shortcuts were wrong, so many requests use the safe form; a directory on which they are always wrong costs one retry in so many. */
    private static final int WARY = 100;

    /** A question that is to be sent. */
    interface BatchedRequest extends BatchQueue.Job {
        /** What is asked. */
        EtcdRequest<?, ?> request();

        /** Sends it by itself and calls {@code ended} once that has been answered, or has failed. */
        void start(MemberConnection connection, Runnable ended);

        /** Does a step of its own, such as to take its part of an answer; if it fails so does this request, and no other. */
        void guarded(Runnable step);

        /** The request that it was part of has failed, with the same meaning as if it had been alone. */
        void failed(EtcdTransport.Sent sent, Status status);

        /** Looks for another way to be sent. */
        void go();

        /** How it shares a request with others. */
        default BatchForm batchForm() {
            return requireNonNull(request().batchForm());
        }

        @Override
        default int bytes() {
            return batchForm().part().getSerializedSize();
        }

        @Override
        default Map<Key, BatchQueue.Claim> claims() {
            return batchForm().claims();
        }
    }

    private final EtcdTransport transport;
    private final MemberConnection connection;
    private final boolean writes;
    private final BatchQueue<BatchedRequest> queue = new BatchQueue<>(MOST_UNDER_WAY, MOST_PARTS, MOST_BYTES);
    /** Those that a refused request fell apart into, and how many of them are under way. */
    private final Deque<BatchedRequest> apart = new ArrayDeque<>();

    private int apartUnderWay;
    private int wary;
    private boolean closed;

    /** The batcher for reads, or for writes, of {@code connection}. */
    RequestBatcher(EtcdTransport transport, MemberConnection connection, boolean writes) {
        this.transport = transport;
        this.connection = connection;
        this.writes = writes;
    }

    /** Sends a question as soon as it is good to. */
    void add(BatchedRequest batched) {
        queue.add(batched);
        dispatch();
    }

    /** The connection is lost: what waits here is to find another way. */
    void close() {
        closed = true;
        List<BatchedRequest> left = new ArrayList<>(apart);
        apart.clear();
        left.addAll(queue.drain());
        left.forEach(BatchedRequest::go);
    }

    private void dispatch() {
        while (!closed && apartUnderWay < MOST_UNDER_WAY && !apart.isEmpty()) {
            BatchedRequest batched = apart.remove();
            if (isToBeSent(batched)) {
                apartUnderWay++;
                batched.start(connection, () -> {
                    apartUnderWay--;
                    dispatch();
                });
            }
        }
        while (!closed) {
            List<BatchedRequest> batch = queue.next();
            if (batch.isEmpty()) {
                return;
            }
            send(batch.stream().filter(this::isToBeSent).toList());
        }
    }

    /**
     * Sends what may share a request. What only deletes never shares one with what takes room: a server without any refuses the whole, not
     * always before it has done it, while deletes by themselves go through.
     */
    private void send(List<BatchedRequest> batch) {
        List<BatchedRequest> deletes = batch.stream()
                .filter(batched -> batched.batchForm().makesRoom())
                .toList();
        if (deletes.isEmpty() || deletes.size() == batch.size()) {
            send(batch, queue::ended);
            return;
        }
        List<BatchedRequest> others = batch.stream()
                .filter(batched -> !batched.batchForm().makesRoom())
                .toList();
        AtomicInteger open = new AtomicInteger(2);
        Runnable ended = () -> {
            if (open.decrementAndGet() == 0) {
                queue.ended();
            }
        };
        send(deletes, ended);
        send(others, ended);
    }

    /** Whether somebody waits for it still; once a write is to be sent, nobody may be told any more that it was not. */
    private boolean isToBeSent(BatchedRequest batched) {
        PendingCall<?> call = batched.request().call();
        boolean[] wanted = {!writes && !call.isDone()};
        if (writes) {
            batched.guarded(() ->
                    wanted[0] = !call.isDone() && batched.request().mayLeave().getAsBoolean() && call.sent());
        }
        return wanted[0];
    }

    private void send(List<BatchedRequest> batch, Runnable ended) {
        if (batch.isEmpty()) {
            ended.run();
        } else if (batch.size() == 1) {
            batch.get(0).start(connection, () -> {
                ended.run();
                dispatch();
            });
        } else {
            sendTogether(batch, ended);
        }
    }

    private void sendTogether(List<BatchedRequest> batch, Runnable ended) {
        boolean[] over = {false};
        Runnable once = () -> {
            if (!over[0]) {
                over[0] = true;
                ended.run();
            }
        };
        try {
            transport.ask(connection, KVGrpc.getTxnMethod(), question(batch), writes, (sent, status, answer) -> {
                once.run();
                try {
                    if (answer != null) {
                        connection.served();
                        answered(batch, answer);
                    } else {
                        failed(batch, sent, status);
                    }
                } finally {
                    dispatch();
                }
            });
        } catch (RuntimeException | Error e) {
            batch.forEach(batched -> batched.guarded(() -> {
                throw e;
            }));
            once.run();
        }
    }

    private TxnRequest question(List<BatchedRequest> batch) {
        boolean direct = wary == 0;
        wary = Math.max(0, wary - 1);
        TxnRequest.Builder question = TxnRequest.newBuilder();
        for (BatchedRequest batched : batch) {
            BatchForm.Shortcut shortcut = batched.batchForm().shortcut();
            if (direct && shortcut != null) {
                question.addCompare(shortcut.holds()).addSuccess(shortcut.part());
            } else {
                question.addSuccess(batched.batchForm().part());
            }
        }
        return question.build();
    }

    private void answered(List<BatchedRequest> batch, TxnResponse answer) {
        if (!answer.getSucceeded()) {
            // A shortcut was wrong, and nothing was done.
            wary = WARY;
            if (closed) {
                batch.forEach(BatchedRequest::go);
            } else {
                queue.addAgain(batch);
            }
            return;
        }
        long revision = answer.getHeader().getRevision();
        if (!writes) {
            long each = Math.max(1, answer.getSerializedSize() / batch.size());
            queue.limit((int) Math.min(MOST_PARTS, MOST_ANSWER_BYTES / each));
        }
        for (int i = 0; i < batch.size(); i++) {
            BatchedRequest batched = batch.get(i);
            int place = i;
            batched.guarded(() -> {
                ResponseOp part = answer.getResponses(place);
                batched.batchForm().answered().accept(revision, part);
            });
        }
    }

    private void failed(List<BatchedRequest> batch, EtcdTransport.Sent sent, Status status) {
        // An answer that this side does not take is a refusal of reads only: writes have been done by then.
        boolean refused =
                sent.verdict(status) == EtcdErrors.Verdict.REFUSED || (!writes && EtcdErrors.isTooLarge(status));
        if (!refused) {
            batch.forEach(batched -> batched.failed(sent, status));
            return;
        }
        batch.forEach(batched -> batched.request().call().unsent(EtcdErrors.text(status), status.asRuntimeException()));
        if (EtcdErrors.isTooLarge(status) || EtcdErrors.isTooManyOperations(status)) {
            queue.limit(batch.size() / 8);
        }
        if (closed) {
            batch.forEach(BatchedRequest::go);
        } else {
            apart.addAll(batch);
        }
    }
}
