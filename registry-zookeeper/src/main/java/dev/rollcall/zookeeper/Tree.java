package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.zookeeper.Rounds.Sight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The nodes strictly below a directory, being collected. */
final class Tree {
    private final Layout layout;
    private final Directory directory;
    private final String stem;
    private final Map<String, Node> nodes = new TreeMap<>();
    private long zxid;

    Tree(Layout layout, Directory directory) {
        this.layout = layout;
        this.directory = directory;
        this.stem = layout.path(directory) + "/";
    }

    Directory directory() {
        return directory;
    }

    boolean covers(String path) {
        return path.startsWith(stem);
    }

    void put(String path, Node node) {
        if (node.exists()) {
            nodes.put(path, node);
        } else {
            nodes.remove(path);
        }
    }

    /** Brings the tree to the state of {@code exactAt}. */
    void apply(Map<String, Sight> changed, long exactAt) {
        changed.forEach((path, sight) -> put(path, sight.node()));
        zxid = exactAt;
    }

    /** The revision that all is exact at. */
    long zxid() {
        return zxid;
    }

    boolean hasEntries() {
        return nodes.values().stream().anyMatch(Node::isEntry);
    }

    /** The nodes that are not entries, each after the one above it. */
    List<String> directories() {
        List<String> paths = new ArrayList<>();
        nodes.forEach((path, node) -> {
            if (!node.isEntry()) {
                paths.add(path);
            }
        });
        return paths;
    }

    /** The keys that were deleted after {@code revision} while nodes below them stayed, with the revisions of that. */
    Map<Key, Long> remaindersAfter(long revision) {
        Map<Key, Long> deleted = new TreeMap<>();
        nodes.forEach((path, node) -> {
            Key key = layout.keyOf(path);
            if (key != null
                    && node.isRemainder()
                    && node.stat() != null
                    && node.stat().getMzxid() > revision) {
                deleted.put(key, node.stat().getMzxid());
            }
        });
        return deleted;
    }

    Snapshot snapshot() {
        List<KeyValue> entries = new ArrayList<>(nodes.size());
        for (Map.Entry<String, Node> node : nodes.entrySet()) {
            if (node.getValue().isEntry()) {
                Key key = layout.keyOf(node.getKey());
                if (key != null) {
                    entries.add(node.getValue().entry(key));
                }
            }
        }
        // Below one root, the order of paths is that of keys.
        return new Snapshot(directory, entries, zxid);
    }
}
