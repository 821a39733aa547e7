package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import java.nio.ByteBuffer;
import org.apache.zookeeper.ZooDefs.OpCode;

/** Does something just before a transaction reaches the server that deletes a node. */
final class DeletionTap implements Tap {
    private final byte[] mark;
    private final Runnable deed;
    private final WriteTap.Frames requests = new WriteTap.Frames();

    DeletionTap(String path, Runnable deed) {
        byte[] text = path.getBytes(UTF_8);
        // The header of an operation, which ends with its error, and then the path with its length.
        this.mark = ByteBuffer.allocate(4 + 1 + 4 + 4 + text.length)
                .putInt(OpCode.delete)
                .put((byte) 0)
                .putInt(-1)
                .putInt(text.length)
                .put(text)
                .array();
        this.deed = deed;
    }

    @Override
    public Verdict see(Direction direction, byte[] bytes, int length) {
        return direction == Direction.REQUESTS ? requests.feed(bytes, length, this::request) : Verdict.PASS;
    }

    private Verdict request(ByteBuffer frame) {
        if (frame.remaining() >= 8 && frame.getInt(4) == OpCode.multi && WriteTap.contains(frame.array(), mark)) {
            deed.run();
        }
        return Verdict.PASS;
    }
}
