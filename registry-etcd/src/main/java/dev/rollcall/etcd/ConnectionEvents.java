package dev.rollcall.etcd;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.support.ConnectionTracker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports each change of the connection to the parts of a handle that depend on it, and to the log: one line for each change of state, with the member and
 * the reason. Confined to the {@link IoLoop}.
 */
final class ConnectionEvents implements MemberSelector.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionEvents.class);

    private final EtcdContext handle;
    private final ConnectionTracker tracker;
    private final WatchStreams watches;
    private final WatchDispatcher watchDispatcher;
    private final Leases leases;
    /** The last reason that was logged during this outage, or null. */
    private @Nullable String logged;
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
        LOG.info("{}: connected to {}.", handle.name(), connection);
        logged = null;
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
        leases.rewound(reason);
        watchDispatcher.rewound(reason);
    }

    @Override
    public void lost(MemberConnection connection, Refusal reason) {
        LOG.warn("{}: disconnected from {}: {}.", handle.name(), connection, reason.reason());
        told = reason.kind();
        tracker.disconnected(reason.failure(handle.context("connect", null)));
        leases.disconnected();
        watches.lost();
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
        String kind = reason.kind().name();
        if (!kind.equals(logged)) {
            logged = kind;
            LOG.warn("{}: no member can be used, and the search goes on: {}.", handle.name(), reason.reason());
        }
        handle.dispatcher().refused(reason);
        if (reason.isFinal()) {
            watches.denied(reason);
        }
    }
}
