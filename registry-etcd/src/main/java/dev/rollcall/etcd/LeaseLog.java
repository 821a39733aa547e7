package dev.rollcall.etcd;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log what becomes of leases: of the first at once, and of those that follow soon how many they are, since thousands may end together.
 * Confined to the {@link IoLoop}.
 */
final class LeaseLog {
    /** As in the lines of {@link Leases}. */
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);
    /** What follows the line before by less than this is told together. */
    static final Duration TOGETHER = Duration.ofSeconds(5);
    /** Different lines that are told together; what comes on top is told as the last of them. */
    private static final int MOST_LINES = 8;

    private final String name;
    private final IoLoop loop;
    /** How many leases there are to be told of, by what has become of them. */
    private final Map<String, Integer> more = new LinkedHashMap<>();

    private boolean waits;

    /** Lines of the handle {@code name}. */
    LeaseLog(String name, IoLoop loop) {
        this.name = name;
        this.loop = loop;
    }

    /** The lease is lost, for this reason: a clause without a full stop. */
    void lost(EtcdLease lease, String reason) {
        say("lease " + lease.id() + " is lost: " + reason, "leases are lost: " + reason);
    }

    /** The store has refused to revoke the lease. */
    void refused(EtcdLease lease, String reason) {
        say("lease " + lease.id() + " could not be revoked: " + reason, "leases could not be revoked: " + reason);
    }

    private void say(String first, String others) {
        if (!waits) {
            waits = true;
            LOG.warn("{}: {}.", name, first);
            loop.schedule(TOGETHER, this::tellMore);
            return;
        }
        String known = others;
        if (more.size() >= MOST_LINES && !more.containsKey(others)) {
            for (String last : more.keySet()) {
                known = last;
            }
        }
        more.merge(known, 1, Integer::sum);
    }

    private void tellMore() {
        waits = !more.isEmpty();
        if (waits) {
            flush();
            loop.schedule(TOGETHER, this::tellMore);
        }
    }

    /** Says what there is to say, since nobody will later. */
    void flush() {
        more.forEach((what, count) -> LOG.warn("{}: {} more {}.", name, count, what));
        more.clear();
    }
}
