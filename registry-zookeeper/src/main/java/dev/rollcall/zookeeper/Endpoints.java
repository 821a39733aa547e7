package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.HostAndPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.zookeeper.client.HostProvider;

/**
 * The members of the ensemble, tried in a random order. ZooKeeper's own provider waits a second after each round of failures, which for a
 * single server is after each failure; this one begins with {@link #FIRST_PAUSE_MILLIS} and waits longer each round, up to {@link
 * #LONGEST_PAUSE_MILLIS}: the client waits up to a second by itself.
 */
final class Endpoints implements HostProvider {
    /*
     * Concurrency: next(), onConnected() and, once it runs, size() are called by the client's send thread only. What others ask for
     * is volatile, and only suspect() and comparesWith() are called by them to write.
     */
    static final int DEFAULT_PORT = 2181;
    /** How many attempts to connect to each member a session's timeout is to last for. */
    private static final int ATTEMPTS_IN_A_SESSION = 3;
    /** How long an attempt lasts at least, though: a busy server takes its time to begin a session. */
    private static final int SHORTEST_ATTEMPT_MILLIS = 2_000;

    private static final int SHORTEST_PROBE_MILLIS = 1_000;
    private static final int LONGEST_PROBE_MILLIS = 4_000;
    /** In a message. */
    private static final int MOST_FAULTS = 5;

    private static final String BEHIND =
            "it has less than this client has seen, so it lags behind, or the store has gone back in time";

    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 400;

    /** Knows the addresses of a name. */
    interface Resolver {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /** Is told of what goes wrong; of attempts to connect that have failed, on the client's send thread. */
    interface Faults {
        /**
         * Another attempt has failed.
         *
         * @param attempts how many have since the last connection
         * @param reasons why, for each member that was tried, in clauses
         */
        void failed(int attempts, String reasons);

        /**
         * A member that serves others has refused this session, as one does that has less than the client has seen.
         *
         * @param lost for how long there has been no connection
         */
        default void refused(Duration lost) {}

        /** Handling what the client told has failed, for want of memory perhaps: what it was part of may be stuck. On the client's event thread. */
        default void crashed(Throwable cause) {}
    }

    private final Resolver resolver;
    private final MemberProbe probe;
    private final Faults listener;
    private final Ensemble ensemble;
    private final int sessionMillis;
    private final Duration longestAttempt;
    private List<String> hosts;
    /** In the order of this handle. */
    private List<InetSocketAddress> members;

    private int attempts;
    /** By member, which of its addresses has its turn. */
    private int[] turns;
    /** By member, how many addresses it had last. */
    private int[] counts;

    private int next;
    private int failures;
    /** How many rounds, in which each member had its turn, have failed since the last connection. */
    private int rounds;
    /** How many members have not had their turn in this round. */
    private int left;

    private int tried = -1;
    /** When there was a connection last, or the first attempt began. */
    private long lostAt;

    private boolean probed;
    /** By address, why it could not be used when it was tried last. */
    private final Map<String, String> faults = new LinkedHashMap<>();

    private volatile LongSupplier lastSeen = () -> 0;
    private volatile boolean closed;
    private volatile boolean failed;
    private volatile int addresses;
    private volatile String current = "no member yet";
    private volatile long attemptedAt;

    /**
     * The members, each written {@code name} or {@code name:port}.
     *
     * @param sessionMillis the timeout of the session that they are for
     */
    Endpoints(List<String> hosts, int sessionMillis, MemberProbe probe, Faults listener) {
        this(Ensemble.of(hosts), sessionMillis, ZooKeeperConfig.LONGEST, probe, listener);
    }

    /**
     * The members that the ensemble has by then, each time that a round of attempts begins.
     *
     * @param longestAttempt how long an attempt to connect to one of them lasts at most
     */
    Endpoints(Ensemble ensemble, int sessionMillis, Duration longestAttempt, MemberProbe probe, Faults listener) {
        this(ensemble, sessionMillis, longestAttempt, InetAddress::getAllByName, probe, listener);
    }

    /** The members, as a name service of the test's own has them. */
    Endpoints(List<String> hosts, int sessionMillis, Resolver resolver, MemberProbe probe, Faults listener) {
        this(Ensemble.of(hosts), sessionMillis, ZooKeeperConfig.LONGEST, resolver, probe, listener);
    }

    /** Likewise, as a name service of the test's own has them. */
    Endpoints(
            Ensemble ensemble,
            int sessionMillis,
            Duration longestAttempt,
            Resolver resolver,
            MemberProbe probe,
            Faults listener) {
        this.ensemble = ensemble;
        this.sessionMillis = sessionMillis;
        this.longestAttempt = longestAttempt;
        this.resolver = resolver;
        this.probe = probe;
        this.listener = listener;
        this.hosts = ensemble.known();
        this.members = shuffled(hosts);
        this.attempts = attempts();
        this.turns = new int[members.size()];
        this.counts = ones();
        this.addresses = members.size();
    }

    private static List<InetSocketAddress> shuffled(List<String> hosts) {
        List<InetSocketAddress> shuffled =
                new ArrayList<>(hosts.stream().map(Endpoints::address).toList());
        Collections.shuffle(shuffled);
        return List.copyOf(shuffled);
    }

    private int attempts() {
        int few = Math.min(members.size() * ATTEMPTS_IN_A_SESSION, sessionMillis / SHORTEST_ATTEMPT_MILLIS);
        long limit = Math.max(SHORTEST_ATTEMPT_MILLIS, longestAttempt.toMillis());
        int enough = (int) ((sessionMillis + limit - 1) / limit);
        return Math.max(1, Math.max(few, enough));
    }

    private int[] ones() {
        int[] ones = new int[members.size()];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Takes the members of now. */
    private void follow() {
        List<String> now = ensemble.ask();
        if (Ensemble.areSame(now, hosts)) {
            return;
        }
        hosts = now;
        members = shuffled(now);
        attempts = attempts();
        turns = new int[members.size()];
        counts = ones();
        addresses = members.size();
        next = 0;
        tried = -1;
        faults.clear();
    }

    /**
     * Where a member is, as the URL names it.
     *
     * @throws IllegalArgumentException if there can never be such a host
     */
    static InetSocketAddress address(String host) {
        HostAndPort member = HostAndPort.of(host, DEFAULT_PORT);
        String name = member.host();
        boolean bracketed = name.startsWith("[");
        return InetSocketAddress.createUnresolved(
                bracketed ? name.substring(1, name.length() - 1) : name, member.port());
    }

    /**
     * What the client divides the session's timeout by to get the time that it gives one attempt to connect. Were it the number of members,
     * then an attempt at a lone server that took the connection and never answered would last as long as the session, and cost every
     * lease; and one in a large ensemble, for a short lease, would be given up before anybody could answer. Where there are several, a silent
     * one is left in time for the others to have their turns.
     */
    @Override
    public int size() {
        return attempts;
    }

    @Override
    public InetSocketAddress next(long mostMillis) {
        if (tried >= 0 && failed && probed) {
            tell(members.get(tried), "it answers, but has not taken the session");
            listener.refused(Duration.ofNanos(System.nanoTime() - lostAt));
        }
        if (failures == 0) {
            lostAt = System.nanoTime();
            rounds = 0;
            left = 0;
        }
        while (true) {
            if (left == 0) {
                pauseAfterRound(mostMillis);
                if (!closed) {
                    follow();
                }
                left = members.size();
            }
            if (tried >= 0 && failed) {
                turns[tried]++;
            }
            tried = next;
            // The first attempt after a connection is the client's own; it knows best, and mostly it succeeds.
            probed = failures > 0 && mostMillis > 0;
            failed = true;
            failures++;
            left--;
            rounds += left == 0 ? 1 : 0;
            next = (next + 1) % members.size();
            InetSocketAddress address = resolve(tried);
            MemberProbe.Finding finding =
                    probed && !closed ? probe.ask(address, patienceMillis()) : MemberProbe.Finding.WELL;
            boolean behind = finding.zxid() != MemberProbe.UNTOLD && finding.zxid() < lastSeen.getAsLong();
            if (closed || (finding.fault() == null && !behind)) {
                attemptedAt = System.nanoTime();
                return address;
            }
            if (behind) {
                tell(members.get(tried), BEHIND);
                listener.refused(Duration.ofNanos(System.nanoTime() - lostAt));
            } else if (finding.fault() != null) {
                tell(members.get(tried), finding.fault());
            }
        }
    }

    private void pauseAfterRound(long mostMillis) {
        if (mostMillis > 0 && rounds > 0 && !closed) {
            long pause = Math.min(
                    Math.min(mostMillis, LONGEST_PAUSE_MILLIS), FIRST_PAUSE_MILLIS << Math.min(rounds - 1, 10));
            // There is no event to wait for: the pause is for the server's sake. An interrupt ends it early.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
        }
    }

    /** A server may be so slow that only patience finds it well. */
    private int patienceMillis() {
        return Math.min(LONGEST_PROBE_MILLIS, SHORTEST_PROBE_MILLIS << Math.min(rounds, 4));
    }

    private void tell(InetSocketAddress member, String fault) {
        String address = current.startsWith(member.getHostString() + ":" + member.getPort())
                ? current
                : member.getHostString() + ":" + member.getPort();
        faults.put(address, fault);
        while (faults.size() > MOST_FAULTS) {
            faults.remove(faults.keySet().iterator().next());
        }
        String all = faults.entrySet().stream()
                .map(one -> one.getKey() + ": " + one.getValue())
                .collect(Collectors.joining("; "));
        listener.failed(failures, all);
    }

    /**
     * Resolved anew each time, since a member may come back with another address. A name may have several, some of them dead, so each gets its
     * turn, beginning with the one that the name service prefers.
     */
    private InetSocketAddress resolve(int index) {
        InetSocketAddress member = members.get(index);
        String name = member.getHostString() + ":" + member.getPort();
        try {
            InetAddress[] all = resolver.addresses(member.getHostString());
            // A loopback address beside another is the same machine.
            counts[index] = all[0].isLoopbackAddress() ? 1 : all.length;
            addresses = Arrays.stream(counts).sum();
            InetAddress address = all[Math.floorMod(turns[index], all.length)];
            current = all.length > 1 ? name + " (" + address.getHostAddress() + ")" : name;
            return new InetSocketAddress(address, member.getPort());
        } catch (UnknownHostException e) {
            current = name;
            // The client reports the failure to connect and asks for the next.
            return member;
        }
    }

    @Override
    public void onConnected() {
        failures = 0;
        failed = false;
        faults.clear();
    }

    /** Knows the last transaction that the client has seen: a member that has less refuses its session. */
    void comparesWith(LongSupplier seen) {
        lastSeen = seen;
    }

    /** No more attempts are wanted. */
    void close() {
        closed = true;
    }

    /** The address in use has fallen silent, so the next attempt goes elsewhere. */
    void suspect() {
        failed = true;
    }

    /** How many addresses there are to try. */
    int addresses() {
        return addresses;
    }

    /** When the last attempt to connect began, by {@link System#nanoTime}: no server has heard of it before. */
    long attemptedAt() {
        return attemptedAt;
    }

    /** The member that was tried last. */
    String current() {
        return current;
    }

    /** The members are those that the {@link Ensemble} names, and no others. */
    @Override
    public boolean updateServerList(Collection<InetSocketAddress> serverAddresses, InetSocketAddress currentHost) {
        return false;
    }
}
