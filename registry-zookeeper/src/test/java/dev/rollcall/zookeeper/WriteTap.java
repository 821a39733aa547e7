package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.zookeeper.ZooDefs.OpCode;

/** Finds the next write of the application in ZooKeeper's frames, and breaks the connection before it, or before its answer. */
final class WriteTap implements Tap {
    /** What to do to the next write of any connection. */
    enum Order {
        DROP_REQUEST,
        LOSE_ANSWER
    }

    private static final int LENGTH_BYTES = 4;
    private static final int REPLY_HEADER_BYTES = 16;
    /** Paths come first in what is looked for. */
    private static final int KEPT_BYTES = 16 * 1024;

    private final AtomicReference<Order> order;
    /** Whether to drop the next request, whatever is ordered. */
    private final BooleanSupplier drop;

    private final byte[] mark;
    private final Frames requests = new Frames();
    private final Frames replies = new Frames();
    private volatile int watched;

    /** @param stem what the paths of the application's nodes begin with */
    WriteTap(AtomicReference<Order> order, String stem) {
        this(order, () -> false, stem);
    }

    /** @param drop asked for each write: whether the connection breaks before it */
    WriteTap(BooleanSupplier drop, String stem) {
        this(new AtomicReference<>(), drop, stem);
    }

    private WriteTap(AtomicReference<Order> order, BooleanSupplier drop, String stem) {
        this.order = order;
        this.drop = drop;
        this.mark = stem.getBytes(UTF_8);
    }

    @Override
    public Verdict see(Direction direction, byte[] bytes, int length) {
        return direction == Direction.REQUESTS
                ? requests.feed(bytes, length, this::request)
                : replies.feed(bytes, length, this::reply);
    }

    private Verdict request(ByteBuffer frame) {
        Order wanted = order.get();
        if (frame.remaining() < 8) {
            return Verdict.PASS;
        }
        int xid = frame.getInt();
        if (frame.getInt() != OpCode.multi || !contains(frame.array(), mark)) {
            return Verdict.PASS;
        }
        if (drop.getAsBoolean()) {
            return Verdict.CUT;
        }
        if (wanted == null) {
            return Verdict.PASS;
        }
        if (wanted == Order.DROP_REQUEST) {
            return order.compareAndSet(wanted, null) ? Verdict.CUT : Verdict.PASS;
        }
        watched = xid;
        return Verdict.PASS;
    }

    /** Only the answer to a write that was applied counts as lost; one that says that nothing was done comes before the real one. */
    private Verdict reply(ByteBuffer frame) {
        if (order.get() != Order.LOSE_ANSWER
                || frame.remaining() < REPLY_HEADER_BYTES + 4
                || frame.getInt() != watched) {
            return Verdict.PASS;
        }
        boolean refused = frame.getInt(12) != 0 || frame.getInt(REPLY_HEADER_BYTES) == OpCode.error;
        return !refused && order.compareAndSet(Order.LOSE_ANSWER, null) ? Verdict.CUT : Verdict.PASS;
    }

    /** Whether {@code part} occurs in {@code text}. */
    static boolean contains(byte[] text, byte[] part) {
        for (int i = 0; i + part.length <= text.length; i++) {
            if (Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    /** Looks at one frame. */
    interface FrameHandler {
        Verdict handle(ByteBuffer frame);
    }

    /** Puts the beginnings of the frames of one direction together. */
    static final class Frames {
        private final ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES);
        private ByteBuffer frame = ByteBuffer.allocate(0);
        private int left;

        Verdict feed(byte[] bytes, int count, FrameHandler handler) {
            int from = 0;
            Verdict verdict = Verdict.PASS;
            while (from < count) {
                if (left == 0) {
                    length.put(bytes[from++]);
                    if (!length.hasRemaining()) {
                        left = length.getInt(0);
                        length.clear();
                        frame = ByteBuffer.allocate(Math.min(left, KEPT_BYTES));
                    }
                    continue;
                }
                int taken = Math.min(left, count - from);
                frame.put(bytes, from, Math.min(taken, frame.remaining()));
                from += taken;
                left -= taken;
                if (left == 0 && handler.handle(frame.flip()) == Verdict.CUT) {
                    verdict = Verdict.CUT;
                }
            }
            return verdict;
        }
    }
}
