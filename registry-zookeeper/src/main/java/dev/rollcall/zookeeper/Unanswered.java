package dev.rollcall.zookeeper;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.zookeeper.proto.ReplyHeader;

/** The requests of one client that wait for their answers, in the order in which they were made; they tell a silent server from a session without requests. */
final class Unanswered {
    /** How much of the slowest answer is forgotten with each that is faster. */
    private static final int FORGETTING = 64;

    /*
     * Concurrency: this object's monitor guards every field. The headers are the client's, which fills them in before it queues the
     * answer for its event thread; they are read without its locks, so that a fresh answer may be overlooked for a moment.
     */
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private long lastAnswer = System.nanoTime();
    private long slowestNanos;

    /** A request that waits; by its identity, since headers of others may hold the same. */
    static final class Waiting {
        private final ReplyHeader reply;
        private final long since = System.nanoTime();

        private Waiting(ReplyHeader reply) {
            this.reply = reply;
        }
    }

    /** A request is about to be handed to the client. */
    synchronized Waiting add(ReplyHeader reply) {
        Waiting added = new Waiting(reply);
        waiting.add(added);
        return added;
    }

    /** Its answer has come, or there will be none. */
    synchronized void remove(Waiting answered) {
        waiting.remove(answered);
        long now = System.nanoTime();
        lastAnswer = now;
        if (answered.reply.getXid() != 0) {
            slowestNanos = Math.max(now - answered.since, slowestNanos - slowestNanos / FORGETTING);
        }
    }

    /** See {@link Transport#silence}. */
    synchronized Duration silence() {
        if (waiting.isEmpty()) {
            return Duration.ZERO;
        }
        Waiting first = waiting.iterator().next();
        if (first.reply.getXid() != 0 || first.reply.getErr() != 0) {
            return Duration.ZERO;
        }
        long since = first.since - lastAnswer > 0 ? first.since : lastAnswer;
        return Duration.ofNanos(Math.max(0, System.nanoTime() - since));
    }

    /** See {@link Transport#slowestAnswer}. */
    synchronized Duration slowest() {
        return Duration.ofNanos(slowestNanos);
    }
}
