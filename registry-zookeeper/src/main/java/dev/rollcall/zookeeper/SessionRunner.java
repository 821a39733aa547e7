package dev.rollcall.zookeeper;

import org.apache.zookeeper.KeeperException.Code;

/** Where requests can be made: the handle's own session, or the one that a lease has a share in. */
interface SessionRunner {
    /** Runs {@code sessionTask} as soon as there is a connection: now, on the calling thread, or later on the session's event thread. */
    void run(SessionTask sessionTask);

    /**
     * Something to be done with a session that is connected. Unless the handle is closed, it is either run or refused, once, so whoever counts
     * tasks may rely on its end.
     */
    interface SessionTask {
        /** Whether nobody waits for it any more. */
        boolean isOver();

        void run(Session session);

        /** It still waits for a connection, for this reason, which is a clause. */
        void delayed(String reason);

        /** It will not be run: there will be no connection, for this reason, or it {@linkplain #isOver is over}. Never under a lock. */
        void refuse(Code cause);
    }
}
