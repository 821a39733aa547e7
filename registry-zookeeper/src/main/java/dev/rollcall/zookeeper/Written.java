package dev.rollcall.zookeeper;

import org.apache.zookeeper.KeeperException.Code;

/** What became of a write. */
sealed interface Written {
    /** It is applied, in the transaction {@code zxid}. */
    record Applied(long zxid) implements Written {}

    /** The server has refused it as a whole, because of the operation at {@code index}. */
    record Rejected(int index, Code code) implements Written {}

    /** It had no effect and never will have, for a reason that is not in it. */
    record NotApplied(Code code) implements Written {}

    /** It was sent, and there is no way left to learn what became of it. */
    record Unknown(Code code) implements Written {}

    /** What an answer from the server means. */
    static Written answered(Reply reply) {
        if (!reply.isOk()) {
            return new NotApplied(reply.code());
        }
        int failed = reply.firstFailed();
        return failed < 0 ? new Applied(reply.zxid()) : new Rejected(failed, reply.errorAt(failed));
    }
}
