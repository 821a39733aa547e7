package dev.rollcall.zookeeper;

import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;

/**
 * What came back for a request.
 *
 * @param code how the request as a whole fared; {@link Code#OK} also if operations in it failed
 * @param zxid the last transaction that the server had applied when it answered: that of the request itself if it was a write, the state
 *     that was read otherwise; 0 if the server did not answer
 * @param answered whether the server said so; if not, the client gave up on it
 * @param sent whether the request may have reached the server
 * @param results one for each operation, if {@code code} is OK
 */
record Reply(Code code, long zxid, boolean answered, boolean sent, List<OpResult> results) {
    /** For a request that could not be sent. */
    static Reply unsent(Code code) {
        return new Reply(code, 0, false, false, List.of());
    }

    /**
     * The same, as a whole refused if one operation was for a reason that is not its own: a server that has let a session expire says so in
     * the result of the first operation of a transaction. Where it says so later, of what creates an ephemeral node, the session is alive, but known to one
     * member only, and the leader takes it for expired.
     */
    Reply judged() {
        if (!isOk()) {
            return this;
        }
        int failed = firstFailed();
        if (failed < 0) {
            return this;
        }
        return switch (errorAt(failed)) {
            case SESSIONEXPIRED ->
                new Reply(
                        failed == 0 ? Code.SESSIONEXPIRED : Code.EPHEMERALONLOCALSESSION,
                        zxid,
                        answered,
                        sent,
                        List.of());
            case SESSIONMOVED, THROTTLEDOP -> new Reply(errorAt(failed), zxid, answered, sent, List.of());
            default -> this;
        };
    }

    boolean isOk() {
        return code == Code.OK;
    }

    /** The same for the operations from {@code from} to {@code to}, exclusive, of a request that others had a part in. */
    Reply part(int from, int to) {
        return isOk() ? new Reply(code, zxid, answered, sent, results.subList(from, to)) : this;
    }

    /** The first operation that failed, or -1. Those after it were not tried. */
    int firstFailed() {
        for (int i = 0; i < results.size(); i++) {
            if (errorAt(i) != Code.OK) {
                return i;
            }
        }
        return -1;
    }

    /** How an operation fared. */
    Code errorAt(int index) {
        if (!(results.get(index) instanceof ErrorResult error)) {
            return Code.OK;
        }
        Code known = Code.get(error.getErr());
        return known == null ? Code.SYSTEMERROR : known;
    }
}
