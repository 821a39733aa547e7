package dev.rollcall.zookeeper;

import java.util.concurrent.locks.ReentrantLock;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** Whether a session has a connection, and whether it has ended. {@link Session} alone changes it; {@link SessionWrites} reads it. */
final class SessionState {
    /** Guards the fields below, and whatever a session's parts keep that has to agree with them. */
    final ReentrantLock lock = new ReentrantLock();

    boolean connected;
    /** Never reset. */
    boolean ended;

    /** What a request is refused with that cannot be sent now, or null if it can. Called with the lock held. */
    @Nullable
    Code refusal() {
        if (connected) {
            return null;
        }
        return ended ? Code.SESSIONEXPIRED : Code.CONNECTIONLOSS;
    }

    /** What is there by the time that a session is connected. */
    static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("A session that is connected has a client.");
        }
        return value;
    }
}
