package dev.rollcall.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds a member that can serve, keeps to it as long as it answers, and looks for another when it does not. Confined to the {@link
 * IoLoop}.
 *
 * <p>A member serves if it answers a status request in time and has a leader. The one in use is asked again whenever it has been silent
 * for a while, so that a member which is paused, or cut off without a word, is noticed within {@code interval + patience}.
 */
final class Members {
    /** Is told when there is a member, and when it is lost. Runs on the loop. */
    interface Listener {
        /** A member can be used. */
        void found(Link link);

        /** The member that was found last cannot be used any more. */
        void lost(Link link, Refusal reason);

        /** No member can be used; a new round begins soon. */
        void noneFound(Refusal reason);
    }

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(1);
    private static final Duration LONGEST_PATIENCE = Duration.ofMillis(1500);
    private static final long FIRST_PAUSE_MILLIS = 25;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final IoLoop loop;
    private final Link.Setup setup;
    private final Tokens tokens;
    private final List<String> endpoints;
    private final Listener listener;
    private final Probe probe;
    private final Duration interval;

    private final List<Link> retired = new ArrayList<>();
    private final List<Link> candidates = new ArrayList<>();
    private @Nullable Link current;
    private @Nullable Refusal lastRefusal;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private boolean probing;
    private boolean closed;

    Members(IoLoop loop, Link.Setup setup, EtcdOptions options, Tokens tokens, Listener listener) {
        this.loop = loop;
        this.setup = setup;
        this.tokens = tokens;
        this.listener = listener;
        this.endpoints = new ArrayList<>(options.endpoints());
        // Handles spread over the members.
        Collections.shuffle(endpoints);
        this.interval = shorter(options.timeout().dividedBy(5), LONGEST_INTERVAL);
        this.probe = new Probe(loop, setup, options, shorter(options.timeout().dividedBy(3), LONGEST_PATIENCE));
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** The member in use, or null while there is none. */
    @Nullable
    Link current() {
        return current;
    }

    /** Begins to look for members. */
    void open() {
        search();
        loop.schedule(interval, this::watchOver);
    }

    /** Ends every connection. */
    void close() {
        closed = true;
        Link used = current;
        current = null;
        if (used != null) {
            used.kill();
        }
        candidates.forEach(Link::kill);
        retired.forEach(Link::kill);
        retired.addAll(candidates);
        if (used != null) {
            retired.add(used);
        }
    }

    /** Whether every connection has ended, after {@link #close()}. */
    boolean isTerminated() {
        return retired.stream().allMatch(Link::isTerminated);
    }

    /** Says that a call has failed as calls do when a member is in trouble: it is asked at once whether it still serves. */
    void suspect(Link link) {
        if (link == current) {
            checkOn(link);
        }
    }

    private void search() {
        if (closed || current != null) {
            return;
        }
        lastRefusal = null;
        int[] open = {endpoints.size()};
        for (String endpoint : endpoints) {
            Link link = new Link(setup, endpoint);
            candidates.add(link);
            probe.ask(link, refusal -> {
                candidates.remove(link);
                open[0]--;
                if (refusal == null) {
                    tokens.ensure(link, denied -> judge(link, denied, open[0] == 0));
                } else {
                    judge(link, refusal, open[0] == 0);
                }
            });
        }
    }

    private void judge(Link link, @Nullable Refusal refusal, boolean last) {
        if (refusal == null && current == null && !closed) {
            use(link);
            return;
        }
        link.kill();
        if (refusal != null && (lastRefusal == null || refusal.kind().compareTo(lastRefusal.kind()) > 0)) {
            lastRefusal = refusal;
        }
        if (last && current == null && !closed && lastRefusal != null) {
            loop.schedule(nextPause(), this::search);
            listener.noneFound(lastRefusal);
        }
    }

    /** About a fifth of the outage so far: short leases have to survive short outages, and long ones are not to be hammered at. */
    private Duration nextPause() {
        long pause = pauseMillis;
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis + pauseMillis / 4);
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1));
    }

    private void use(Link link) {
        current = link;
        pauseMillis = FIRST_PAUSE_MILLIS;
        listener.found(link);
        if (link.isReady()) {
            link.onClosed(() -> loop.execute(
                    () -> lose(link, new Refusal(Refusal.Kind.UNREACHABLE, link + " closed the connection", null))));
        } else {
            lose(link, new Refusal(Refusal.Kind.UNREACHABLE, link + " closed the connection", null));
        }
    }

    private void lose(Link link, Refusal reason) {
        if (link != current || closed) {
            return;
        }
        current = null;
        retired.removeIf(Link::isTerminated);
        retired.add(link);
        link.retire();
        listener.lost(link, reason);
        // Not this one first: it has just failed.
        if (endpoints.remove(link.endpoint())) {
            endpoints.add(link.endpoint());
        }
        search();
    }

    private void watchOver() {
        if (closed) {
            return;
        }
        Link link = current;
        if (link != null && link.silentNanos() >= interval.toNanos()) {
            checkOn(link);
        }
        loop.schedule(interval, this::watchOver);
    }

    private void checkOn(Link link) {
        if (probing) {
            return;
        }
        probing = true;
        probe.ask(link, refusal -> {
            probing = false;
            if (refusal != null) {
                lose(link, refusal);
            }
        });
    }
}
