package dev.rollcall.etcd;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.support.ConnectionTracker;

/** Tells the parts of a handle that depend on the connection what becomes of it. Confined to the {@link IoLoop}. */
final class Switchboard implements Members.Listener {
    private final Handle handle;
    private final ConnectionTracker tracker;
    private final Watches watches;
    private final Leases leases;

    Switchboard(Handle handle, ConnectionTracker tracker, Watches watches, Leases leases) {
        this.handle = handle;
        this.tracker = tracker;
        this.watches = watches;
        this.leases = leases;
    }

    @Override
    public void found(Link link) {
        tracker.connected();
        // Leases first: their time is running.
        leases.found();
        watches.found();
        handle.sender().resume();
    }

    @Override
    public void lost(Link link, Refusal reason) {
        tracker.disconnected(reason.failure(handle.context("connect", null)));
        leases.disconnected();
        watches.lost();
        handle.sender().refused(reason);
    }

    @Override
    public void noneFound(Refusal reason) {
        KvException failure = reason.failure(handle.context("connect", null));
        ConnectionStatus status = tracker.status();
        KvException known = status.lastFailure();
        // Each round fails for much the same reason; only the first, or another kind of reason, is news.
        if (status.state() == ConnectionState.CONNECTING && (known == null || known.getClass() != failure.getClass())) {
            tracker.disconnected(failure);
        }
        handle.sender().refused(reason);
        if (reason.isFinal()) {
            watches.denied(reason);
        }
    }
}
