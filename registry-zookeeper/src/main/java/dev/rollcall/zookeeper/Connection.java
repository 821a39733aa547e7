package dev.rollcall.zookeeper;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.ConnectionTracker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handle's connection for everything but leases: a session, and another when that has expired. What is to be sent waits here while
 * there is none, so that what has not left can be told from what has.
 */
final class Connection implements SessionListener, SessionRunner {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** What tasks are refused with that nobody waits for any more. */
    private static final Code NOT_WANTED = Code.OPERATIONTIMEOUT;

    private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofSeconds(1);

    /*
     * Concurrency: lock guards every field below it. Sessions and tasks are called without it.
     */
    private final ZooKeeperConfig config;
    private final Transport.Opener opener;
    private final ClientThreads clients;
    private final TimeSource time;
    private final ConnectionTracker tracker;
    private final ChangeFeed feed;
    private final ZooKeeperRewindDetector memory;
    private final ReentrantLock lock = new ReentrantLock();
    private Session session;
    private List<SessionTask> waiting = new ArrayList<>();
    private int tidyAt = 64;
    /** Why there is no connection, as last told. */
    private @Nullable String reasons;

    private int attempts;
    private boolean closed;

    Connection(
            ZooKeeperConfig config,
            Transport.Opener opener,
            ClientThreads clients,
            TimeSource time,
            ConnectionTracker tracker,
            ChangeFeed feed,
            ZooKeeperRewindDetector memory) {
        this.config = config;
        this.opener = opener;
        this.clients = clients;
        this.time = time;
        this.tracker = tracker;
        this.feed = feed;
        this.memory = memory;
        this.session = new Session(config, opener, clients, time, SilenceGuard::forOperations, this);
    }

    void open() {
        current().open((int) config.sessionTimeout().toMillis());
    }

    private Session current() {
        lock.lock();
        try {
            return session;
        } finally {
            lock.unlock();
        }
    }

    long sessionId() {
        return current().id();
    }

    @Override
    public void run(SessionTask sessionTask) {
        Session present;
        boolean connected;
        String why;
        List<SessionTask> over = List.of();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            present = session;
            connected = present.isConnected();
            why = connected ? null : why();
            if (!connected) {
                waiting.add(sessionTask);
                over = tidy();
            }
        } finally {
            lock.unlock();
        }
        over.forEach(one -> one.refuse(NOT_WANTED));
        if (connected) {
            sessionTask.run(present);
        } else if (why != null) {
            sessionTask.delayed(why);
        }
    }

    /** Called with the lock held. */
    private @Nullable String why() {
        return reasons == null ? null : attempts + " attempts to connect have failed (" + reasons + ")";
    }

    @Override
    public void unreachable(Session which, int attemptsSoFar, String why) {
        boolean news;
        String sentence;
        List<SessionTask> delayed;
        lock.lock();
        try {
            if (closed || which != session) {
                return;
            }
            news = !why.equals(reasons);
            reasons = why;
            attempts = attemptsSoFar;
            sentence = attempts + " attempts to connect have failed (" + why + ")";
            delayed = List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
        delayed.forEach(sessionTask -> sessionTask.delayed(sentence));
        if (news) {
            LOG.warn("{} cannot be reached: {}.", config.name(), why);
            tracker.disconnected(failure(sentence, Code.CONNECTIONLOSS));
        }
    }

    /** Called with the lock held. Takes out those that are over, now and then, so that an outage costs no memory. */
    private List<SessionTask> tidy() {
        if (waiting.size() < tidyAt) {
            return List.of();
        }
        List<SessionTask> over = waiting.stream().filter(SessionTask::isOver).toList();
        waiting.removeAll(Set.copyOf(over));
        tidyAt = Math.max(64, waiting.size() * 2);
        return over;
    }

    @Override
    public void connected(Session which) {
        List<SessionTask> ready;
        lock.lock();
        try {
            if (closed || which != session) {
                return;
            }
            ready = waiting;
            waiting = new ArrayList<>();
            reasons = null;
            attempts = 0;
        } finally {
            lock.unlock();
        }
        LOG.info("{} is connected to {}.", config.name(), which.member());
        tracker.connected();
        // First, so that what it finds is known before any other answer comes.
        memory.examine(which);
        feed.connected(which);
        for (SessionTask sessionTask : ready) {
            if (sessionTask.isOver()) {
                sessionTask.refuse(NOT_WANTED);
            } else {
                sessionTask.run(which);
            }
        }
    }

    @Override
    public void suspended(Session which) {
        memory.saw(which.lastZxid());
        LOG.info("{} has lost its connection to {}.", config.name(), which.member());
        tracker.disconnected(failure("the connection to " + which.member() + " was lost", Code.CONNECTIONLOSS));
        feed.suspended(which);
    }

    @Override
    public void ended(Session which, Code cause) {
        memory.saw(which.lastZxid());
        boolean replaced = cause == Code.SESSIONEXPIRED || cause == Code.CONNECTIONLOSS;
        if (!replaced || tracker.status().state() == ConnectionState.CONNECTED) {
            Throwable fault = which.fault();
            tracker.disconnected(failure("the session has ended" + (fault == null ? "" : " with " + fault), cause));
        }
        feed.suspended(which);
        List<SessionTask> refused = List.of();
        Session next;
        lock.lock();
        try {
            if (closed || which != session) {
                return;
            }
            reasons = null;
            next = new Session(config, opener, clients, time, SilenceGuard::forOperations, this);
            session = next;
            if (!replaced) {
                refused = waiting;
                waiting = new ArrayList<>();
            }
        } finally {
            lock.unlock();
        }
        refused.forEach(sessionTask -> sessionTask.refuse(cause));
        int timeout = (int) config.sessionTimeout().toMillis();
        if (replaced) {
            next.open(timeout);
        } else {
            time.schedule(PAUSE_AFTER_REFUSAL, () -> next.open(timeout));
        }
    }

    private KvException failure(String reason, Code code) {
        Context context = new Context(config.name(), "connection", null);
        return code == Code.AUTHFAILED
                ? ZooKeeperErrors.refused(context, code)
                : new UnavailableException(context, Outcome.NOT_APPLIED, reason, null);
    }

    @Override
    public void event(Session which, WatchedEvent event) {
        feed.event(which, event);
    }

    /** Ends the session; {@code done} is told when the server has confirmed it, or cannot be reached. */
    void close(Consumer<Reply> done) {
        Session present;
        lock.lock();
        try {
            closed = true;
            waiting = new ArrayList<>();
            present = session;
        } finally {
            lock.unlock();
        }
        present.end(done);
    }

    /** Gives the server no more time to answer. */
    void abandon() {
        current().abandon();
    }
}
