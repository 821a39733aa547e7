package dev.rollcall.etcd;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.support.ConnectionTracker;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports each change of the connection to the parts of a handle that depend on it, and to the log: one line for each change of state, with the member and
 * the reason. Where connections are made and lost again and again, the log says so, and then nothing until one has lasted. Confined to the {@link IoLoop}.
 */
final class ConnectionEvents implements MemberSelector.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionEvents.class);

    /** A connection that was used for so long is one that lasts. */
    private static final Duration LASTING = Duration.ofSeconds(10);
    /** So many in a row that did not last are told of one by one. */
    private static final int MOST_BRIEF = 3;

    private final EtcdContext handle;
    private final ConnectionTracker tracker;
    private final WatchStreams watches;
    private final WatchDispatcher watchDispatcher;
    private final Leases leases;
    /** The kinds of reasons that were logged during this outage. */
    private final Set<Refusal.Kind> logged = EnumSet.noneOf(Refusal.Kind.class);

    /** The kinds that were logged before this outage; once it has lasted, they are news again. */
    private final Set<Refusal.Kind> loggedBefore = EnumSet.noneOf(Refusal.Kind.class);

    private long foundAt;
    private long lostAt;
    /** How many connections in a row have not lasted. */
    private int brief;

    private Runnable cancelLasting = () -> {};
    /** The kind of reason that those who follow the connection were told last, or null. */
    private Refusal.@Nullable Kind told;

    ConnectionEvents(
            EtcdContext handle,
            ConnectionTracker tracker,
            WatchStreams watches,
            WatchDispatcher watchDispatcher,
            Leases leases) {
        this.handle = handle;
        this.tracker = tracker;
        this.watches = watches;
        this.watchDispatcher = watchDispatcher;
        this.leases = leases;
    }

    @Override
    public void found(MemberConnection connection) {
        foundAt = System.nanoTime();
        if (brief < MOST_BRIEF) {
            LOG.info("{}: connected to {}.", handle.name(), connection);
            logged.clear();
        } else {
            cancelLasting = handle.loop().schedule(LASTING, () -> {
                LOG.info(
                        "{}: connected to {}, after {} connections in a row that did not last.",
                        handle.name(),
                        connection,
                        brief);
                brief = 0;
                logged.clear();
            });
        }
        tracker.connected();
        // Leases first: their time is running.
        leases.found();
        watches.found();
        handle.dispatcher().resume();
    }

    @Override
    public void rewound(String reason) {
        LOG.warn(
                "{}: the store has gone back in time or is another one: {}. Watches begin again with a snapshot, or end; leases are lost.",
                handle.name(),
                reason);
        try {
            leases.rewound(reason);
        } finally {
            watchDispatcher.rewound(reason);
        }
    }

    @Override
    public void lost(MemberConnection connection, Refusal reason) {
        cancelLasting.run();
        lostAt = System.nanoTime();
        loggedBefore.clear();
        loggedBefore.addAll(logged);
        boolean lasted = System.nanoTime() - foundAt >= LASTING.toNanos();
        brief = lasted ? 0 : brief + 1;
        if (brief <= MOST_BRIEF) {
            LOG.warn(
                    "{}: disconnected from {}: {}{}.",
                    handle.name(),
                    connection,
                    reason.reason(),
                    brief < MOST_BRIEF
                            ? ""
                            : "; connections do not last, and the next line comes when one has lasted "
                                    + LASTING.toSeconds() + " s");
        }
        told = reason.kind();
        tracker.disconnected(reason.failure(handle.context("connect", null)));
        leases.disconnected();
        watches.lost();
        // Before what is sent next, which then finds the member that is used next.
        handle.tokens().lost(connection, reason);
        handle.dispatcher().refused(reason);
    }

    @Override
    public void noneFound(Refusal reason) {
        KvException failure = reason.failure(handle.context("connect", null));
        ConnectionStatus status = tracker.status();
        KvException known = status.lastFailure();
        // Each round fails for much the same reason; only the first, or another kind of reason, is news.
        boolean news = known == null || known.getClass() != failure.getClass() || reason.kind() != told;
        if (status.state() != ConnectionState.CONNECTED && news) {
            told = reason.kind();
            tracker.disconnected(failure);
        }
        if (!loggedBefore.isEmpty() && System.nanoTime() - lostAt >= LASTING.toNanos()) {
            // No connection that does not last, but an outage.
            logged.removeAll(loggedBefore);
            loggedBefore.clear();
        }
        if (logged.add(reason.kind())) {
            LOG.warn("{}: no member can be used, and the search goes on: {}.", handle.name(), reason.reason());
        }
        handle.dispatcher().refused(reason);
        if (reason.isFinal()) {
            watches.denied(reason);
        }
    }
}
