package dev.rollcall.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.concurrent.atomic.AtomicReference;

/** Finds the next write in the HTTP/2 frames of a connection, and breaks the connection before it, or before its answer. */
final class WriteTap implements Tap {
    /** What to do to the next write of any connection. */
    enum Order {
        DROP_REQUEST,
        LOSE_ANSWER
    }

    private final AtomicReference<Order> order;
    private final Http2Frames requests = new Http2Frames(Http2Frames.CLIENT_PREFACE);
    private final Http2Frames replies = new Http2Frames(0);
    private volatile int doomed;

    WriteTap(AtomicReference<Order> order) {
        this.order = order;
    }

    @Override
    public Verdict see(Direction direction, byte[] bytes, int length) {
        return direction == Direction.REQUESTS
                ? requests.feed(bytes, length, this::request)
                : replies.feed(bytes, length, this::reply);
    }

    private Verdict request(int type, int stream, byte[] payload) {
        Order wanted = order.get();
        if (wanted == null || type != Http2Frames.DATA || !isWrite(payload) || !order.compareAndSet(wanted, null)) {
            return Verdict.PASS;
        }
        if (wanted == Order.DROP_REQUEST) {
            return Verdict.CUT;
        }
        doomed = stream;
        return Verdict.PASS;
    }

    private Verdict reply(int type, int stream, byte[] payload) {
        return stream != 0 && stream == doomed && type != Http2Frames.WINDOW_UPDATE ? Verdict.CUT : Verdict.PASS;
    }

    private static boolean isWrite(byte[] payload) {
        byte[] message = Http2Frames.message(payload);
        if (message.length == 0) {
            return false;
        }
        try {
            TxnRequest txn = TxnRequest.parseFrom(message);
            return txn.getUnknownFields().asMap().isEmpty()
                    && txn.getSuccessList().stream()
                            .anyMatch(op -> op.getRequestCase() != RequestOp.RequestCase.REQUEST_NOT_SET
                                    && op.getRequestCase() != RequestOp.RequestCase.REQUEST_RANGE);
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }
}
