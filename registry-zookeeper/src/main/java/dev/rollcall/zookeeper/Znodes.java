package dev.rollcall.zookeeper;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * Several nodes as they were at one moment.
 *
 * @param zxid the last transaction that they reflect
 * @param byPath what was read; a path that is not in here was not asked for
 */
record Znodes(long zxid, Map<String, Znode> byPath) {
    static List<Op> reads(Collection<String> paths) {
        return paths.stream().map(Op::getData).toList();
    }

    /** The nodes that a reply to {@link #reads} tells of. */
    static Znodes of(Collection<String> paths, Reply reply) {
        Map<String, Znode> nodes = new HashMap<>();
        int i = 0;
        for (String path : paths) {
            nodes.put(path, Znode.of(reply.results().get(i++)));
        }
        return new Znodes(reply.zxid(), nodes);
    }

    /** The code of an operation that failed, other than for want of a node, or null. */
    static @Nullable Code refusal(Reply reply) {
        for (int i = 0; i < reply.results().size(); i++) {
            Code code = reply.errorAt(i);
            if (code != Code.OK && code != Code.NONODE) {
                return code;
            }
        }
        return null;
    }

    /** The node whose operation failed, other than for want of a node, or null. */
    static @Nullable String refusedPath(Collection<String> paths, Reply reply) {
        int i = 0;
        for (String path : paths) {
            Code code = i < reply.results().size() ? reply.errorAt(i) : Code.OK;
            if (code != Code.OK && code != Code.NONODE) {
                return path;
            }
            i++;
        }
        return null;
    }

    boolean knows(String path) {
        return byPath.containsKey(path);
    }

    Znode at(String path) {
        return byPath.getOrDefault(path, Znode.ABSENT);
    }
}
