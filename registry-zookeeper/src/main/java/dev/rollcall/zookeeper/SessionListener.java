package dev.rollcall.zookeeper;

import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;

/** Receives the events of a session, on its event thread. */
interface SessionListener {
    void connected(Session session);

    void suspended(Session session);

    /**
     * The session is over; whatever it still owed has been answered.
     *
     * @param cause {@link Code#CONNECTIONLOSS} if it was given up because nobody takes it
     */
    void ended(Session session, Code cause);

    void event(Session session, WatchedEvent event);

    /**
     * Attempts to connect fail; on the client's send thread.
     *
     * @param attempts how many have since the last connection
     * @param reasons why, in clauses
     */
    void unreachable(Session session, int attempts, String reasons);
}
