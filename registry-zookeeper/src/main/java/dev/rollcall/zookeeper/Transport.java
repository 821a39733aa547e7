package dev.rollcall.zookeeper;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * What a session needs of ZooKeeper's client. Everything is asynchronous; answers and watch events come one at a time, in the order of the
 * wire, on the client's event thread, which is what the watches rest on.
 */
interface Transport {
    /** Begins to connect for a session. */
    interface Opener {
        /**
         * Begins to connect.
         *
         * @param watcher is told what becomes of the session
         * @param faults is told of attempts to connect that fail
         */
        Transport open(ZooKeeperConfig config, int timeoutMillis, Watcher watcher, Endpoints.Faults faults)
                throws IOException;
    }

    /** Reads, all at one moment: the results are exact at the reply's zxid. */
    void read(List<Op> ops, Consumer<Reply> answer);

    /** Looks at one node, without its data; {@code answer} gets OK and the stat, NONODE, or why there is no answer. */
    void look(String path, BiConsumer<Code, @Nullable Stat> answer);

    /** Writes, all or nothing, at the reply's zxid. */
    void write(List<Op> ops, Consumer<Reply> answer);

    /** Has every later change of {@code path} and below it told to {@code listener}, from some moment before the answer. */
    void watchBelow(String path, Watcher listener, Consumer<Code> answer);

    /** Ends the session: its ephemerals are gone when the answer comes. The client's threads end by themselves afterwards. */
    void endSession(Consumer<Reply> answer);

    /** Ends the client without a word to the server, whose session lives until it expires. May wait for the client's threads. */
    void abandon();

    /** ZooKeeper's name for the session; 0 before the first connection. */
    long sessionId();

    /** The transaction that the last reply told of: a server that has less refuses the session. */
    long lastZxid();

    /** The timeout that the server has granted; 0 until it has. */
    int grantedTimeoutMillis();

    /** Closes the connection, if there is one; the client makes another, to the next member. */
    void reconnect();

    /** How long requests have been waiting without any answer; zero if none waits, or an answer has come that was not told yet. */
    Duration silence();

    /** How long the slowest answer of late took; older ones count less and less. */
    Duration slowestAnswer();

    /** How many addresses there are to connect to, as far as that is known. */
    int members();

    /** The address of the last attempt to connect, for messages. */
    String member();

    /** When the last attempt to connect began, by {@link System#nanoTime}. */
    long attemptedAt();

    /** Whether the client has given up because it cannot log in. */
    boolean isDenied();
}
