package dev.rollcall.zookeeper;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetDataResult;

/**
 * What nodes will weigh in a reply, as far as that can be told before they are read: large ones what they weighed when this session read them last, others what
 * those read lately weighed, and never little. Large ones are remembered by their paths, so that no number of light replies makes them forgotten.
 */
final class NodeSizes {
    /** What a node counts for at least: however light those before were, the next ones may all be of half a megabyte. */
    static final int LEAST_BYTES = 64 << 10;
    /** Of the replies that a session waits for: enough for what any connection has under way, and little beside a server's heap. */
    static final long MOST_BYTES = 16L << 20;
    /** Large nodes that are remembered: a server that has more has gigabytes of them. */
    private static final int MOST_LARGE = 10_000;

    /* Concurrency: this object's monitor guards the map; the budget guards itself. */
    private final Map<String, Integer> large = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > MOST_LARGE;
        }
    };

    private final ReplyBudget recent = new ReplyBudget();

    /** These were read, or nothing if {@code results} is empty. */
    void learn(List<String> paths, List<OpResult> results) {
        recent.learn(results);
        synchronized (this) {
            for (int i = 0; i < results.size(); i++) {
                int bytes = results.get(i) instanceof GetDataResult node && node.getData() != null
                        ? node.getData().length
                        : 0;
                if (bytes > LEAST_BYTES) {
                    large.put(paths.get(i), bytes);
                } else if (results.get(i) instanceof GetDataResult) {
                    large.remove(paths.get(i));
                }
            }
        }
    }

    /** What a node weighs. */
    synchronized long bytes(String path) {
        Integer known = large.get(path);
        return known == null ? recent.bytes(1, LEAST_BYTES) : known;
    }

    /** What these nodes weigh together. */
    long bytes(List<String> paths) {
        return paths.stream().mapToLong(this::bytes).sum();
    }

    /** What is left of one reply. */
    final class Room {
        private long left = MOST_BYTES;

        /** Whether there is room for this node, which is then taken; the first always finds it. */
        boolean takes(String path) {
            long bytes = bytes(path);
            if (bytes > left && left < MOST_BYTES) {
                return false;
            }
            left -= bytes;
            return true;
        }
    }
}
