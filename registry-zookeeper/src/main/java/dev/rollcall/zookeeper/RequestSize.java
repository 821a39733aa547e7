package dev.rollcall.zookeeper;

import java.util.List;
import org.apache.jute.Record;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.proto.CheckVersionRequest;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.SetDataRequest;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of requests that write: one that is too large would not be refused, but break the connection, with the other requests on it. They are computed
 * from the records of {@code zookeeper.jute}, since serialising each operation a second time only to measure it was a fifth of the work of a put.
 */
final class RequestSize {
    /** For the header of the request and the receipt that the session adds. */
    private static final int RESERVE = 1024;

    /** No server's limit on requests is less than this; what is smaller is never what a connection breaks by. */
    static final int SMALLEST_LIMIT = 16 << 10;

    private static final int INT = 4;
    /** Of each operation, and once more after the last: its type, whether it is the last, and an error. */
    private static final int MULTI_HEADER = INT + 1 + INT;

    private RequestSize() {}

    /** Whether the server takes these operations in one request, by its default. */
    static boolean fits(List<Op> ops) {
        return bytes(ops) <= ZooKeeperConfig.MAX_REQUEST_BYTES - RESERVE;
    }

    /** What they add to a request. */
    static int bytes(List<Op> ops) {
        int bytes = MULTI_HEADER;
        for (Op op : ops) {
            bytes += MULTI_HEADER + text(op.getPath());
            Record request = op.toRequestRecord();
            if (request instanceof SetDataRequest set) {
                bytes += data(set.getData()) + INT;
            } else if (request instanceof CreateRequest create) {
                bytes += data(create.getData()) + list(create.getAcl()) + INT;
            } else if (request instanceof CheckVersionRequest || request instanceof DeleteRequest) {
                bytes += INT;
            } else {
                throw new IllegalArgumentException("The size of " + request + " is not known.");
            }
        }
        return bytes;
    }

    /**
     * What is left of a request that reads. Longer ones would be answered by most servers, but break the connection to one whose {@code jute.maxbuffer} is
     * small; and a hundred short paths fit.
     */
    static final class Room {
        private int bytes = SMALLEST_LIMIT - RESERVE;

        /** Whether there is room for these paths, which is then taken; the first always find it. */
        boolean takes(List<String> paths) {
            int more = 0;
            for (String path : paths) {
                more += MULTI_HEADER + text(path) + 1;
            }
            boolean first = bytes == SMALLEST_LIMIT - RESERVE;
            if (more > bytes && !first) {
                return false;
            }
            bytes -= more;
            return true;
        }

        /** Whether there is room for this path, which is then taken; the first always finds it. */
        boolean takes(String path) {
            return takes(List.of(path));
        }
    }

    private static int list(List<ACL> entries) {
        int bytes = INT;
        for (ACL entry : entries) {
            Id id = entry.getId();
            bytes += INT + text(id.getScheme()) + text(id.getId());
        }
        return bytes;
    }

    /** A text in ZooKeeper's UTF-8, with its length in front: it writes each half of a surrogate pair by itself, in three bytes. */
    static int text(String text) {
        int bytes = INT;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        }
        return bytes;
    }

    private static int data(byte @Nullable [] data) {
        return INT + (data == null ? 0 : data.length);
    }
}
