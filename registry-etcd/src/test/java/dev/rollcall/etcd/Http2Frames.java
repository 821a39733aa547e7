package dev.rollcall.etcd;

import dev.rollcall.tck.server.Tap;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Puts the HTTP/2 frames of one direction of a connection together from the bytes that pass. */
final class Http2Frames {
    /** What comes before the first frame of a client. */
    static final int CLIENT_PREFACE = 24;

    /** The type of frames that carry messages. */
    static final int DATA = 0;

    /** The type of frames that only open the window. */
    static final int WINDOW_UPDATE = 8;

    private static final int HEAD = 9;
    private static final int GRPC_HEAD = 5;

    /** Looks at one frame. */
    interface Handler {
        Tap.Verdict handle(int type, int stream, byte[] payload);
    }

    private byte[] rest = new byte[0];
    private int skip;

    /** The frames after {@code preface} bytes of something else. */
    Http2Frames(int preface) {
        this.skip = preface;
    }

    /** The gRPC message in the payload of a data frame, if it is whole and the only one. */
    static byte[] message(byte[] payload) {
        return payload.length <= GRPC_HEAD ? new byte[0] : Arrays.copyOfRange(payload, GRPC_HEAD, payload.length);
    }

    /** Takes what has arrived, and returns the first verdict that is not to pass. */
    Tap.Verdict feed(byte[] bytes, int length, Handler handler) {
        byte[] all = Arrays.copyOf(rest, rest.length + length);
        System.arraycopy(bytes, 0, all, rest.length, length);
        int from = Math.min(skip, all.length);
        skip -= from;
        Tap.Verdict verdict = Tap.Verdict.PASS;
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
            Tap.Verdict one = handler.handle(type, stream, payload);
            verdict = verdict == Tap.Verdict.PASS ? one : verdict;
            from += HEAD + size;
        }
        rest = Arrays.copyOfRange(all, from, all.length);
        return verdict;
    }
}
