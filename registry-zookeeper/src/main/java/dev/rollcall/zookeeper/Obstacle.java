package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.proto.CreateRequest;
import org.jspecify.annotations.Nullable;

/**
 * The reason why nodes cannot be created: a node that exists already, or a directory that is missing. If many nodes are put into a new directory at once,
 * it concerns all of them, and they need not be refused one after the other.
 *
 * @param path the node that is there, or the directory that is not
 * @param code {@link Code#NODEEXISTS} or {@link Code#NONODE}
 */
record Obstacle(String path, Code code) {
    /** What was in the way of an operation that was refused with {@code code}; null if it is not in the way of others. */
    static @Nullable Obstacle of(Op refused, Code code) {
        if (refused.getType() != OpCode.create) {
            return null;
        }
        return switch (code) {
            case NODEEXISTS -> new Obstacle(refused.getPath(), code);
            case NONODE -> new Obstacle(above(refused.getPath()), code);
            default -> null;
        };
    }

    /** The directories that these have created; they are in the way of others that would create them. */
    static List<Obstacle> made(List<PendingWrite> applied) {
        List<Obstacle> made = new ArrayList<>();
        for (PendingWrite write : applied) {
            for (Op op : write.ops()) {
                if (op.getType() == OpCode.create
                        && op.toRequestRecord() instanceof CreateRequest create
                        && create.getData() == Znode.NO_VALUE) {
                    made.add(new Obstacle(op.getPath(), Code.NODEEXISTS));
                }
            }
        }
        return made;
    }

    /** The first of these operations for which it is in the way, or -1. */
    int refuses(List<Op> ops) {
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            if (op.getType() != OpCode.create) {
                continue;
            }
            if (op.getPath().equals(path)) {
                // What makes the directory that is missing removes the obstacle.
                return code == Code.NODEEXISTS ? i : -1;
            }
            if (code == Code.NONODE && above(op.getPath()).equals(path)) {
                return i;
            }
        }
        return -1;
    }

    private static String above(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
