package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.support.Durations;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Finds a member that can serve, keeps to it as long as it answers, and looks for another when it does not. Confined to the {@link
 * IoLoop}.
 *
 * <p>A member serves if it answers a linearizable read in time, see {@link Probe}. The member in use is probed again whenever it has not served for a
 * while, and at once when a call ends without its reply, so that a member which is paused, disconnected without notice, or half alive is noticed within
 * {@code interval + patience}.
 */
final class MemberSelector {
    /** Is told when there is a member, and when it is lost. Runs on the loop. */
    interface Listener {
        /** A member can be used. */
        void found(MemberConnection connection);

        /** The store is not the one that was known before, for this reason; nothing has been asked of it since. */
        void rewound(String reason);

        /** The member that was found last cannot be used any more. */
        void lost(MemberConnection connection, Refusal reason);

        /** No member can be used; a new round begins soon. */
        void noneFound(Refusal reason);
    }

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(200);
    private static final int BUSY_INTERVALS = 10;
    private static final Duration LONGEST_PATIENCE = Duration.ofMillis(1500);
    /** However short operations may take: a member that is slow for a moment is no reason to leave it. */
    private static final Duration SHORTEST_PATIENCE = Duration.ofMillis(500);
    /**
     * For a connection that is being made, whatever the timeout of operations: a name has to be looked up, TLS to be agreed on and a token to be
     * got first, each with round trips of its own. Others are asked at the same time.
     */
    private static final Duration CONNECT_PATIENCE = Duration.ofMillis(2500);

    private final IoLoop loop;
    private final MemberConnection.Setup setup;
    private final List<Endpoint> endpoints;
    private @Nullable Listener listener;
    private final Probe probe;
    private final Duration interval;
    private final Duration patience;

    private final List<MemberConnection> retired = new ArrayList<>();
    private final List<MemberConnection> candidates = new ArrayList<>();
    private @Nullable MemberConnection current;
    private @Nullable Round round;
    private @Nullable Refusal lastRefusal;
    private final SearchPauses pauses = new SearchPauses();
    /** Cancels the search that a timer is set for, or is null where there is none. */
    private @Nullable Runnable cancelSearch;

    private long usedAt;
    /** The connection that is being asked whether it still serves, or null. */
    private @Nullable MemberConnection probed;

    private long probedAt = System.nanoTime();
    /** Whether a member was ever used: what the handle was given, certificates included, was right once. */
    private boolean hasServed;

    private boolean closed;

    MemberSelector(IoLoop loop, MemberConnection.Setup setup, EtcdOptions options, Probe probe) {
        this(
                loop,
                setup,
                options,
                probe,
                within(SHORTEST_INTERVAL, options.timeout().dividedBy(5), LONGEST_INTERVAL));
    }

    /** @param interval after which a member that has not served is asked whether it still does */
    MemberSelector(IoLoop loop, MemberConnection.Setup setup, EtcdOptions options, Probe probe, Duration interval) {
        this.loop = loop;
        this.setup = setup;
        this.probe = probe;
        this.endpoints = new ArrayList<>(options.endpoints());
        // Handles spread over the members.
        Collections.shuffle(endpoints);
        this.interval = interval;
        this.patience = within(SHORTEST_PATIENCE, options.timeout().dividedBy(3), LONGEST_PATIENCE);
    }

    private static Duration within(Duration least, Duration wanted, Duration most) {
        return Durations.min(most, Durations.max(least, wanted));
    }

    /** The member in use, or null while there is none. */
    @Nullable
    MemberConnection current() {
        return current;
    }

    /** Begins to look for members, and to tell {@code told} of them. */
    void open(Listener told) {
        listener = told;
        search();
        loop.schedule(interval, this::watchOver);
    }

    private Listener listener() {
        return requireNonNull(listener, "open() comes first");
    }

    /** Ends every connection. */
    void close() {
        closed = true;
        MemberConnection used = current;
        current = null;
        if (used != null) {
            used.kill();
        }
        candidates.forEach(MemberConnection::kill);
        retired.forEach(MemberConnection::kill);
        retired.addAll(candidates);
        if (used != null) {
            retired.add(used);
        }
    }

    /** Whether every connection has ended, after {@link #close()}. */
    boolean isTerminated() {
        return retired.stream().allMatch(MemberConnection::isTerminated);
    }

    /** Says that a call has failed as calls do when a member is in trouble: it is asked at once whether it still serves. */
    void suspect(MemberConnection connection) {
        if (connection == current) {
            checkOn(connection);
        }
    }

    /**
     * A task has failed and left something undone: what depends on the connection begins anew with another one, and so does a search. On the loop.
     */
    void crashed(Throwable cause) {
        MemberConnection connection = current;
        if (connection != null) {
            lose(connection, unreachable("what " + connection + " answered could not be handled: " + cause, cause));
        } else if (!closed) {
            round = null;
            searchLater(pauses.afterRound());
        }
    }

    /** Searches after a pause, unless a search is to come anyway: two timers would set two more each, and one put off each time would never run. */
    private void searchLater(Duration pause) {
        if (cancelSearch == null) {
            cancelSearch = loop.schedule(pause, this::search);
        }
    }

    private void cancelSearch() {
        Runnable cancel = cancelSearch;
        cancelSearch = null;
        if (cancel != null) {
            cancel.run();
        }
    }

    /** One go at all members. */
    private static final class Round {
        private int open;
        /** Whether a member could not be reached, and may well serve when it comes back. */
        private boolean away;
        /** Whether a member did not answer in time. */
        private boolean silent;

        Round(int open) {
            this.open = open;
        }
    }

    private void search() {
        cancelSearch();
        if (closed || current != null) {
            return;
        }
        lastRefusal = null;
        Round own = new Round(endpoints.size());
        round = own;
        // A copy, since an address that refuses at once may begin another round.
        for (Endpoint endpoint : List.copyOf(endpoints)) {
            locate(endpoint, (addresses, refusal) -> {
                if (refusal != null) {
                    failed(own, refusal);
                } else {
                    own.open += addresses.size() - 1;
                    addresses.forEach(address -> tryOut(own, endpoint, address));
                }
            });
        }
    }

    /** Takes the addresses of a member, or the reason why there are none. */
    interface Located {
        void accept(List<InetSocketAddress> addresses, @Nullable Refusal refusal);
    }

    /** Finds the addresses of a member, and tells on the loop; takes no longer than a connection may. */
    void locate(Endpoint endpoint, Located located) {
        AtomicBoolean told = new AtomicBoolean();
        // Whatever becomes of the thread that looks it up, somebody is told.
        Runnable cancel = loop.schedule(CONNECT_PATIENCE, () -> {
            if (told.compareAndSet(false, true)) {
                located.accept(
                        List.of(),
                        unreachable(
                                "the name '" + endpoint.host() + "' was not found within " + CONNECT_PATIENCE.toMillis()
                                        + " ms",
                                null));
            }
        });
        Located once = (addresses, refusal) -> loop.execute(() -> {
            if (told.compareAndSet(false, true)) {
                cancel.run();
                located.accept(addresses, refusal);
            }
        });
        // Looking a name up blocks, and so does reading files.
        setup.blocking().execute(() -> {
            try {
                if (setup.tls() != null) {
                    setup.tls().refresh();
                }
                once.accept(endpoint.resolve(setup.resolver()), null);
            } catch (UnknownHostException e) {
                once.accept(List.of(), unreachable("the name '" + endpoint.host() + "' was not found", e));
            } catch (RuntimeException | Error e) {
                once.accept(List.of(), unreachable(endpoint + " could not be looked up: " + e, e));
            }
        });
    }

    private static Refusal unreachable(String reason, @Nullable Throwable cause) {
        return new Refusal(Refusal.Kind.UNREACHABLE, reason, cause);
    }

    private void tryOut(Round own, Endpoint endpoint, InetSocketAddress address) {
        if (closed) {
            return;
        }
        try {
            MemberConnection connection = new MemberConnection(setup, endpoint, address);
            candidates.add(connection);
            ask(own, connection);
        } catch (RuntimeException | Error e) {
            // Whatever it is, it must not keep the others from being tried.
            failed(own, unreachable(endpoint + " could not be tried: " + e, e));
        }
    }

    private void ask(Round own, MemberConnection connection) {
        try {
            probe.ask(connection, CONNECT_PATIENCE, (refusal, rewound) -> {
                try {
                    if (rewound != null) {
                        listener().rewound(rewound);
                    }
                } finally {
                    judge(own, connection, refusal);
                }
            });
        } catch (RuntimeException | Error e) {
            candidates.remove(connection);
            connection.kill();
            throw e;
        }
    }

    private void judge(Round from, MemberConnection connection, @Nullable Refusal refusal) {
        candidates.remove(connection);
        if (refusal == null && current == null && !closed) {
            from.open--;
            use(connection);
            return;
        }
        connection.kill();
        failed(from, refusal);
    }

    private void failed(Round from, @Nullable Refusal refusal) {
        from.open--;
        from.away |= refusal != null && refusal.kind() == Refusal.Kind.UNREACHABLE;
        from.silent |= refusal != null && refusal.isSilence();
        if (refusal != null && (lastRefusal == null || refusal.kind().compareTo(lastRefusal.kind()) > 0)) {
            lastRefusal = refusal;
        }
        // A member that was found and lost meanwhile has begun another round, which goes on by itself.
        if (from.open == 0 && from.equals(round) && current == null && !closed && lastRefusal != null) {
            if (from.silent) {
                probe.silent();
            }
            searchLater(pauses.afterRound());
            listener().noneFound(withHope(lastRefusal, from.away));
        }
    }

    /** What one member's certificate is worth says nothing about the others; what certificates are worth now, nothing about those that replace them. */
    private Refusal withHope(Refusal refusal, boolean othersAway) {
        if (othersAway) {
            return refusal.mayPass("other members cannot be reached");
        }
        return hasServed
                ? refusal.mayPass("they have trusted each other before, so this waits for a certificate to be replaced")
                : refusal;
    }

    private void use(MemberConnection connection) {
        current = connection;
        cancelSearch();
        hasServed = true;
        usedAt = System.nanoTime();
        pauses.found();
        listener().found(connection);
        if (connection.isReady()) {
            connection.onClosed(() -> loop.execute(() -> lose(
                    connection, new Refusal(Refusal.Kind.UNREACHABLE, connection + " closed the connection", null))));
        } else {
            lose(connection, new Refusal(Refusal.Kind.UNREACHABLE, connection + " closed the connection", null));
        }
    }

    private void lose(MemberConnection connection, Refusal reason) {
        if (connection != current || closed) {
            return;
        }
        current = null;
        retired.removeIf(MemberConnection::isTerminated);
        retired.add(connection);
        try {
            connection.retire();
            listener().lost(connection, withHope(reason, false));
        } finally {
            // Not this one first: it has just failed.
            if (endpoints.remove(connection.endpoint())) {
                endpoints.add(connection.endpoint());
            }
            searchAfter(Duration.ofNanos(System.nanoTime() - usedAt));
        }
    }

    /** At once, after a connection that has lasted; one that answers and is lost each time must not be made again and again without a pause. */
    private void searchAfter(Duration use) {
        Duration pause = pauses.afterUse(use);
        if (pause.isZero()) {
            search();
        } else {
            // What members of the last round still say is no news.
            round = null;
            searchLater(pause);
        }
    }

    private void watchOver() {
        if (closed) {
            return;
        }
        // First, so that no failure of what follows ends it.
        loop.schedule(interval, this::watchOver);
        MemberConnection connection = current;
        // Now and then also where all is well: the store behind a proxy may have become another one.
        boolean due = System.nanoTime() - probedAt >= interval.toNanos() * BUSY_INTERVALS;
        if (connection != null && (due || connection.silentNanos() >= interval.toNanos())) {
            checkOn(connection);
        }
    }

    private void checkOn(MemberConnection connection) {
        if (connection.equals(probed)) {
            return;
        }
        probed = connection;
        long asked = System.nanoTime();
        probedAt = asked;
        try {
            probe.ask(connection, patience, (refusal, rewound) -> {
                probed(connection);
                if (rewound != null) {
                    listener().rewound(rewound);
                }
                // A refused password is no fault of the member: what needs none, such as renewing leases, goes on.
                // Nor is it left because this one question waits behind thousands, while it answers others of the kind.
                boolean busy = refusal != null && refusal.isSilence() && connection.hasAgreedSince(asked);
                if (refusal != null && refusal.blamesMember() && !busy) {
                    lose(connection, refusal);
                }
            });
        } catch (RuntimeException | Error e) {
            // Or it would never be asked again.
            probed(connection);
            throw e;
        }
    }

    private void probed(MemberConnection connection) {
        if (connection.equals(probed)) {
            probed = null;
        }
    }
}
