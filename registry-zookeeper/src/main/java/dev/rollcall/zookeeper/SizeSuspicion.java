package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Whether a write breaks connections by its size, as it does where a server's {@code jute.maxbuffer} is smaller, or only was under way when they broke, as in
 * a rolling restart. A server closes the connection as soon as it has read the length. So once a connection has broken under the write, it is sent alone, and
 * only after the next connection has borne small requests for longer than that takes. Only breaks after such a trial count, and one during a trial shows that
 * connections break without the write.
 */
final class SizeSuspicion {
    /** As many that count, one after the other, are no chance. */
    private static final int ENOUGH = 2;
    /** Between the small requests. With the way of each there and back it is longer than any write takes to break a connection by its size. */
    private static final Duration TRIAL = Duration.ofMillis(250);

    /* Concurrency: as the run that it belongs to; the session's lock orders a departure and what becomes of it. */
    private int breaks;
    private int counted;
    /** The last connection that has passed a trial, and the one that the write was sent on. */
    private @Nullable Object proven;

    private @Nullable Object used;

    /** Whether a connection has broken under it. */
    boolean isOpen() {
        return breaks > 0;
    }

    /** Under how many connections it was on its way when they broke. */
    int breaks() {
        return breaks;
    }

    /** Whether its size is the reason. */
    boolean isConfirmed() {
        return counted == ENOUGH;
    }

    /** Whether the session's present connection is to be tried before the write is sent. */
    boolean needsTrial(Session session) {
        return isOpen() && proven != session.connection();
    }

    /** Sends small requests; tells {@code answer} how that went: OK if the write may be sent. */
    void tryOut(Session session, TimeSource time, Consumer<Code> answer) {
        Object connection = session.connection();
        session.barrier(first -> {
            if (first.isOk()) {
                time.schedule(TRIAL, () -> session.barrier(second -> tried(session, connection, second, answer)));
            } else {
                tried(session, connection, first, answer);
            }
        });
    }

    private void tried(Session session, Object connection, Reply last, Consumer<Code> answer) {
        boolean same = session.connection() == connection;
        if (last.isOk() && same) {
            proven = connection;
            answer.accept(Code.OK);
            return;
        }
        if (!same || last.code() == Code.CONNECTIONLOSS) {
            counted = 0;
        }
        answer.accept(last.isOk() ? Code.CONNECTIONLOSS : last.code());
    }

    /** It leaves now. Called under the session's lock. */
    void departs(Session session) {
        used = session.connection();
    }

    /** The connection that it had left on has broken. */
    void broke() {
        counted += isOpen() && used == proven ? 1 : 0;
        breaks++;
    }
}
