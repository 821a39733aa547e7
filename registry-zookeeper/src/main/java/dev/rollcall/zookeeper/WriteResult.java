package dev.rollcall.zookeeper;

import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.OpCode;

/** The outcome of a write. */
sealed interface WriteResult {
    /**
     * It is applied, in the transaction {@code zxid}.
     *
     * @param results one for each operation; none if its answer was lost
     */
    record Applied(long zxid, List<OpResult> results) implements WriteResult {
        /** The same for the operations from {@code from} to {@code to}, exclusive. */
        Applied part(int from, int to) {
            return results.isEmpty() ? this : new Applied(zxid, results.subList(from, to));
        }
    }

    /** The server has refused it as a whole, because of the operation at {@code index}. */
    record Rejected(int index, Code code) implements WriteResult {
        /**
         * The node that it was refused for, if these are its operations: who creates or deletes a node needs the permission of the parent. What comes behind
         * them is the session's receipt.
         */
        String node(List<Op> ops, Layout layout) {
            if (index >= ops.size()) {
                return layout.own();
            }
            return node(ops.get(index), code);
        }

        /** The node that an operation was refused for. */
        static String node(Op op, Code code) {
            boolean parents = switch (op.getType()) {
                case OpCode.create, OpCode.create2, OpCode.delete -> true;
                default -> false;
            };
            return code == Code.NOAUTH && parents ? Layout.parent(op.getPath()) : op.getPath();
        }
    }

    /**
     * It had no effect and never will have, for a reason that is not in it.
     *
     * @param left whether it had left for a server, which may have broken the connection because of it
     */
    record NotApplied(Code code, boolean left) implements WriteResult {}

    /** It was sent, and there is no way left to learn what became of it. */
    record Unknown(Code code) implements WriteResult {}

    /** What has become of a write whose reply is this. */
    static WriteResult of(Reply reply) {
        if (reply.answered()) {
            return answered(reply);
        }
        return reply.sent() ? new Unknown(reply.code()) : new NotApplied(reply.code(), false);
    }

    /** What an answer from the server means. */
    static WriteResult answered(Reply reply) {
        if (!reply.isOk()) {
            return new NotApplied(reply.code(), false);
        }
        int failed = reply.firstFailed();
        return failed < 0 ? new Applied(reply.zxid(), reply.results()) : new Rejected(failed, reply.errorAt(failed));
    }
}
