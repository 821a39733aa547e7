package dev.rollcall.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/** Finds the next write in the HTTP/2 frames of a connection, and breaks the connection before it, or before its answer. */
final class WriteTap implements Tap {
    /** What to do to the next write of any connection. */
    enum Order {
        DROP_REQUEST,
        LOSE_ANSWER
    }

    private static final int PREFACE = 24;
    private static final int HEAD = 9;
    private static final int DATA = 0;
    private static final int GRPC_HEAD = 5;

    private final AtomicReference<Order> order;
    private final Frames requests = new Frames(PREFACE);
    private final Frames replies = new Frames(0);
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
        if (wanted == null || type != DATA || !isWrite(payload) || !order.compareAndSet(wanted, null)) {
            return Verdict.PASS;
        }
        if (wanted == Order.DROP_REQUEST) {
            return Verdict.CUT;
        }
        doomed = stream;
        return Verdict.PASS;
    }

    private Verdict reply(int type, int stream, byte[] payload) {
        return stream != 0 && stream == doomed && type != 8 ? Verdict.CUT : Verdict.PASS;
    }

    private static boolean isWrite(byte[] data) {
        if (data.length <= GRPC_HEAD) {
            return false;
        }
        try {
            TxnRequest txn = TxnRequest.parseFrom(Arrays.copyOfRange(data, GRPC_HEAD, data.length));
            return txn.getUnknownFields().asMap().isEmpty()
                    && txn.getSuccessList().stream()
                            .anyMatch(op -> op.getRequestCase() != RequestOp.RequestCase.REQUEST_NOT_SET
                                    && op.getRequestCase() != RequestOp.RequestCase.REQUEST_RANGE);
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private interface FrameHandler {
        Verdict handle(int type, int stream, byte[] payload);
    }

    /** Puts the frames of one direction together. */
    private static final class Frames {
        private byte[] rest = new byte[0];
        private int skip;

        Frames(int skip) {
            this.skip = skip;
        }

        Verdict feed(byte[] bytes, int length, FrameHandler handler) {
            byte[] all = Arrays.copyOf(rest, rest.length + length);
            System.arraycopy(bytes, 0, all, rest.length, length);
            int from = Math.min(skip, all.length);
            skip -= from;
            Verdict verdict = Verdict.PASS;
            while (all.length - from >= HEAD) {
                ByteBuffer head = ByteBuffer.wrap(all, from, HEAD);
                int size = (head.get() & 0xFF) << 16 | (head.get() & 0xFF) << 8 | (head.get() & 0xFF);
                int type = head.get() & 0xFF;
                head.get();
                int stream = head.getInt() & 0x7FFFFFFF;
                if (all.length - from - HEAD < size) {
                    break;
                }
                byte[] payload = Arrays.copyOfRange(all, from + HEAD, from + HEAD + size);
                if (handler.handle(type, stream, payload) == Verdict.CUT) {
                    verdict = Verdict.CUT;
                }
                from += HEAD + size;
            }
            rest = Arrays.copyOfRange(all, from, all.length);
            return verdict;
        }
    }
}
