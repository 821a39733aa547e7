package dev.rollcall.etcd;

import dev.rollcall.kv.TimeSource;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases, each at every third of its ttl. etcd answers the renewals of a stream one after another, at a follower each with a round trip to the
 * leader. So there are several streams, and a renewal without a reply does not delay the next one, which goes by another stream. Whether a lease is still
 * held is not decided here but by its clock; this class reports only leases that the server no longer knows. Confined to the {@link IoLoop}.
 */
final class KeepAlive {
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** Renewals that may wait on each stream before another is opened. */
    private static final int CROWDED = 8;

    private static final int MOST_STREAMS = 16;

    private final EtcdContext handle;
    private final TimeSource time;
    private final MemberSelector members;
    private final Consumer<EtcdLease> gone;
    private final Map<Long, Renewal> renewals = new HashMap<>();
    private final List<Line> lines = new ArrayList<>();
    private boolean closed;

    /** Renews; tells {@code gone} of leases that the store does not know. */
    KeepAlive(EtcdContext handle, MemberSelector members, Consumer<EtcdLease> gone) {
        this.handle = handle;
        this.time = handle.threads().time();
        this.members = members;
        this.gone = gone;
    }

    /** A member can be used: whatever could not be renewed meanwhile is. */
    void found() {
        List.copyOf(renewals.values()).forEach(Renewal::ask);
    }

    /** The member that was used is lost. */
    void lost() {
        lines.forEach(Line::drop);
        lines.clear();
    }

    /** Begins to renew a lease whose term is counted from {@code since}. */
    void add(EtcdLease lease, long since) {
        Renewal renewal = new Renewal(lease);
        renewals.put(lease.number(), renewal);
        renewal.next(renewal.interval.minusNanos(time.nanoTime() - since));
    }

    void remove(EtcdLease lease) {
        Renewal renewal = renewals.remove(lease.number());
        if (renewal != null) {
            renewal.cancelNext.run();
        }
        if (renewals.isEmpty()) {
            lost();
        }
    }

    void close() {
        closed = true;
        renewals.values().forEach(renewal -> renewal.cancelNext.run());
        renewals.clear();
        lost();
    }

    /** The stream by which a lease is best asked for: one that does not owe it an answer already, and owes few. */
    private @Nullable Line line(long id) {
        if (closed || members.current() == null) {
            return null;
        }
        Line best = null;
        for (Line line : lines) {
            if (line.stream.life() != null
                    && !line.owed.containsKey(id)
                    && (best == null || line.owed.size() < best.owed.size())) {
                best = line;
            }
        }
        if ((best == null || best.owed.size() >= CROWDED) && lines.size() < MOST_STREAMS) {
            Line another = new Line();
            another.stream.open();
            if (another.stream.life() != null) {
                lines.add(another);
                return another;
            }
        }
        return best;
    }

    /** The renewals of one lease. */
    private final class Renewal {
        private final EtcdLease lease;
        private final Duration interval;
        private Runnable cancelNext = () -> {};

        Renewal(EtcdLease lease) {
            this.lease = lease;
            this.interval = lease.ttl().dividedBy(3);
        }

        void next(Duration pause) {
            cancelNext.run();
            cancelNext = handle.loop().schedule(pause, this::ask);
        }

        void ask() {
            lines.forEach(line -> line.renewIfMute(lease.number(), interval));
            Line line = line(lease.number());
            next(line == null ? PAUSE : interval);
            if (line != null) {
                line.ask(lease.number());
            }
        }

        void answered(long seconds, long askedAt) {
            if (seconds <= 0) {
                gone.accept(lease);
            } else {
                // One that comes too late changes nothing: the lease's clock has said why it has ended, or is about to.
                lease.renewed(Duration.ofSeconds(seconds), askedAt);
            }
        }
    }

    /** A stream, and since when it owes which leases an answer. */
    private final class Line implements DurableStream.Owner<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
        private final DurableStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream =
                new DurableStream<>(handle.loop(), handle.tokens(), members, LeaseGrpc.getLeaseKeepAliveMethod(), this);
        private final Map<Long, Long> owed = new HashMap<>();
        private long heardAt = time.nanoTime();

        void ask(long id) {
            DurableStream.Life<LeaseKeepAliveRequest, LeaseKeepAliveResponse> life = stream.life();
            if (life != null) {
                owed.put(id, time.nanoTime());
                life.send(LeaseKeepAliveRequest.newBuilder().setID(id).build());
            }
        }

        /** Begins anew if it has owed {@code id} an answer for two intervals, and has not said anything meanwhile. */
        void renewIfMute(long id, Duration interval) {
            Long askedAt = owed.get(id);
            if (askedAt != null && time.nanoTime() - askedAt >= interval.toNanos() * 3 / 2 && heardAt - askedAt < 0) {
                owed.clear();
                stream.renew();
            }
        }

        void drop() {
            owed.clear();
            stream.close();
        }

        @Override
        public boolean isWanted() {
            return !renewals.isEmpty() && !closed;
        }

        @Override
        public void opened(DurableStream.Life<LeaseKeepAliveRequest, LeaseKeepAliveResponse> life) {
            heardAt = time.nanoTime();
        }

        @Override
        public void told(
                DurableStream.Life<LeaseKeepAliveRequest, LeaseKeepAliveResponse> life, LeaseKeepAliveResponse answer) {
            stream.calm();
            heardAt = time.nanoTime();
            Long askedAt = owed.remove(answer.getID());
            Renewal renewal = renewals.get(answer.getID());
            if (askedAt != null && renewal != null) {
                renewal.answered(answer.getTTL(), askedAt);
            }
        }

        @Override
        public void ended(DurableStream.Life<LeaseKeepAliveRequest, LeaseKeepAliveResponse> life) {
            List<Long> unanswered = List.copyOf(owed.keySet());
            owed.clear();
            handle.loop().schedule(PAUSE, () -> {
                for (Long id : unanswered) {
                    Renewal renewal = renewals.get(id);
                    if (renewal != null) {
                        renewal.ask();
                    }
                }
            });
        }
    }
}
