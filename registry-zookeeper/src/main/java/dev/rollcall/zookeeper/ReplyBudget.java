package dev.rollcall.zookeeper;

import java.util.List;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetDataResult;

/**
 * How many nodes may be read at once, so that no reply is too large for the server, which holds it in its heap as a whole, or for the client. Sizes are not
 * known before the read, so the sizes of the last read decide, and the first read is small.
 */
final class ReplyBudget {
    /** What a node is taken to weigh while none has been read. */
    private static final long UNKNOWN_BYTES = 64 << 10;

    /* Concurrency: this object's monitor guards the field. */
    private long bytesOfANode = UNKNOWN_BYTES;

    /** These were read. What is heavier counts at once, what is lighter little by little. */
    synchronized void learn(List<OpResult> results) {
        long bytes = 1;
        int nodes = 0;
        for (OpResult result : results) {
            if (result instanceof GetDataResult node) {
                nodes++;
                bytes += node.getData() == null ? 0 : node.getData().length;
            }
        }
        if (nodes > 0) {
            bytesOfANode = Math.max(bytes / nodes, bytesOfANode / 2);
        }
    }

    /** What so many nodes will weigh, as far as that can be told, and no less than {@code least} each. */
    synchronized long bytes(int nodes, long least) {
        return nodes * Math.max(least, bytesOfANode);
    }

    /** How many nodes fit into so many bytes, as far as that can be told: at least one, and no more than {@code most}. */
    synchronized int nodes(int most, long bytes) {
        return (int) Math.max(1, Math.min(most, bytes / Math.max(1, bytesOfANode)));
    }
}
