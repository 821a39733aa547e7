package dev.rollcall.etcd;

import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases over one stream, each at a third of its ttl. A renewal that is not answered by the time of the next is asked again on a
 * new stream. Whether a lease is still held is not decided here but by its clock; only that the store does not know it any more is told.
 * Confined to the {@link IoLoop}.
 */
final class KeepAlive {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration REVOKE_PATIENCE = Duration.ofMillis(600);

    private final Handle handle;
    private final Consumer<EtcdLease> gone;
    private final Map<Long, Renewal> renewals = new HashMap<>();
    private @Nullable Members members;
    private @Nullable Stream stream;
    private boolean closed;

    /** Renews; tells {@code gone} of leases that the store does not know. */
    KeepAlive(Handle handle, Consumer<EtcdLease> gone) {
        this.handle = handle;
        this.gone = gone;
    }

    /** Begins to renew at these members. */
    void open(Members found) {
        members = found;
    }

    /** A member can be used: whatever could not be renewed meanwhile is. */
    void found() {
        renewals.values().forEach(Renewal::ask);
    }

    /** The member that was used is lost. */
    void lost() {
        drop();
    }

    void add(EtcdLease lease) {
        Renewal renewal = new Renewal(lease);
        renewals.put(lease.number(), renewal);
        renewal.later();
    }

    void remove(EtcdLease lease) {
        Renewal renewal = renewals.remove(lease.number());
        if (renewal != null) {
            renewal.cancelNext.run();
        }
    }

    /** Revokes a lease without an operation that waits for it; runs {@code done} when that has worked or failed. */
    void revokeQuietly(long id, Runnable done) {
        Link link = members == null ? null : members.current();
        if (link == null) {
            done.run();
            return;
        }
        UnaryCall.start(
                link,
                LeaseGrpc.getLeaseRevokeMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(REVOKE_PATIENCE.toNanos(), TimeUnit.NANOSECONDS),
                handle.token(),
                LeaseRevokeRequest.newBuilder().setID(id).build(),
                (status, answer) -> handle.loop().execute(done));
    }

    void close() {
        closed = true;
        renewals.values().forEach(renewal -> renewal.cancelNext.run());
        renewals.clear();
        drop();
    }

    private void drop() {
        Stream old = stream;
        stream = null;
        if (old != null) {
            old.call.cancel("The leases are renewed elsewhere.", null);
        }
    }

    private @Nullable Stream stream() {
        Link link = members == null ? null : members.current();
        if (stream == null && link != null && !closed) {
            Stream opened = new Stream(link);
            stream = opened;
            opened.call.start(opened, Link.headers(handle.token()));
            opened.call.request(1);
        }
        return stream;
    }

    /** The renewals of one lease. */
    private final class Renewal {
        private final EtcdLease lease;
        private final Duration interval;
        private Runnable cancelNext = () -> {};
        /** The stream that owes an answer, or null. */
        private @Nullable Stream asked;

        private long askedAt;

        Renewal(EtcdLease lease) {
            this.lease = lease;
            this.interval = lease.ttl().dividedBy(3);
        }

        void later() {
            cancelNext.run();
            cancelNext = handle.loop().schedule(interval, this::ask);
        }

        void ask() {
            if (asked != null && asked == stream) {
                if (System.nanoTime() - askedAt < interval.toNanos() / 2) {
                    return;
                }
                // The stream looks alive and does not answer.
                drop();
            }
            Stream through = stream();
            cancelNext.run();
            cancelNext = handle.loop().schedule(through == null ? PAUSE : interval, this::ask);
            if (through != null) {
                asked = through;
                askedAt = System.nanoTime();
                through.call.sendMessage(
                        LeaseKeepAliveRequest.newBuilder().setID(lease.number()).build());
            }
        }

        /** Asks again what a stream that has ended did not answer. */
        void askIfOwed() {
            if (asked != null) {
                asked = null;
                ask();
            }
        }

        void answered(Stream by, long seconds) {
            if (asked != by) {
                return;
            }
            asked = null;
            if (seconds <= 0 || !lease.renewed(Duration.ofSeconds(seconds), askedAt)) {
                gone.accept(lease);
            } else {
                later();
            }
        }
    }

    private final class Stream extends ClientCall.Listener<LeaseKeepAliveResponse> {
        private final Link link;
        private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

        Stream(Link link) {
            this.link = link;
            this.call = link.call(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
        }

        @Override
        public void onMessage(LeaseKeepAliveResponse answer) {
            link.answered();
            Renewal renewal = renewals.get(answer.getID());
            if (renewal != null) {
                renewal.answered(this, answer.getTTL());
            }
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            handle.loop().execute(() -> {
                if (stream == this) {
                    stream = null;
                    if (members != null) {
                        members.suspect(link);
                    }
                    handle.loop().schedule(PAUSE, () -> renewals.values().forEach(Renewal::askIfOwed));
                }
            });
        }
    }
}
