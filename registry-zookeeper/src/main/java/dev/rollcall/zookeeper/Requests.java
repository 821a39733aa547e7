package dev.rollcall.zookeeper;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.jute.BinaryOutputArchive;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.Op;

/** The sizes of requests: one that is too large would not be refused, but break the connection and take its neighbours down. */
final class Requests {
    /** For the header of the request and the receipt that the session adds. */
    private static final int RESERVE = 1024;

    private Requests() {}

    /** Whether the server takes these operations in one request, by its default. */
    static boolean fits(List<Op> ops) {
        return bytes(ops) <= ZooKeeperConfig.MAX_REQUEST_BYTES - RESERVE;
    }

    /** What they add to a request. */
    static int bytes(List<Op> ops) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new MultiOperationRecord(ops).serialize(BinaryOutputArchive.getArchive(out), "request");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.size();
    }
}
