package dev.rollcall.zookeeper;

import org.apache.zookeeper.KeeperException.Code;

/** Where requests can be made: the handle's own session, or the one that a lease has a share in. */
interface Venue {
    /** Runs {@code errand} as soon as there is a connection: now, on the calling thread, or later on the session's event thread. */
    void run(Errand errand);

    /** Something to be done with a session that is connected. */
    interface Errand {
        /** Whether nobody waits for it any more. */
        boolean isOver();

        void run(Session session);

        /** It still waits for a connection, for this reason, which is a clause. */
        void delayed(String reason);

        /** There will be no connection, for this reason. */
        void refuse(Code cause);
    }
}
