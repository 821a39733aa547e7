package dev.rollcall.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import io.etcd.jetcd.api.WatchResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Breaks the connection right behind the answer "created" to a watch, before anything that the watch has to tell. */
final class CreatedTap implements Tap {
    private final AtomicInteger cuts;
    private final Http2Frames replies = new Http2Frames(0);

    /** Breaks as many connections as {@code cuts} says. */
    CreatedTap(AtomicInteger cuts) {
        this.cuts = cuts;
    }

    @Override
    public Verdict see(Direction direction, byte[] bytes, int length) {
        return direction == Direction.REQUESTS
                ? Verdict.PASS
                : replies.feed(bytes, length, (type, stream, payload) -> type == Http2Frames.DATA
                                && isCreated(Http2Frames.message(payload))
                                && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0
                        ? Verdict.PASS_AND_CUT
                        : Verdict.PASS);
    }

    private static boolean isCreated(byte[] message) {
        try {
            WatchResponse response = WatchResponse.parseFrom(message);
            return response.getCreated() && response.getHeader().getRevision() > 0;
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }
}
