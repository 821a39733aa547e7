package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the entries of a lease that has ended, and none of whose writes is under way, in one transaction: exactly the nodes that the lease has created.
 *
 * <p>It reads the nodes, and requires that none was deleted since. Each deletion of an entry that may be on a lease is counted in a node which is shared by
 * a stripe of paths, in the same transaction (decision 0086); creations and updates do not disturb the revocation.
 */
final class Revocation implements SessionRunner.SessionTask {
    private static final int ATTEMPTS_AT_ONCE = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(4);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

    /* Concurrency: the steps follow one another, each on the thread that brought the answer to the one before. */
    private final ZooKeeperContext store;
    private final LeaseSession home;
    private final LeaseEntries entries;
    private final ZooKeeperLease lease;
    private final SizeSuspicion suspicion = new SizeSuspicion();
    private int attempts;
    /** Whether a connection has broken under it. */
    private boolean broken;

    private @Nullable Backoff backoff;

    Revocation(ZooKeeperContext store, LeaseSession home, LeaseEntries entries, ZooKeeperLease lease) {
        this.store = store;
        this.home = home;
        this.entries = entries;
        this.lease = lease;
    }

    /** Begins. */
    void start() {
        if (hasSomething()) {
            home.runAnyway(this);
        } else {
            home.revoked(lease, 0, List.of());
        }
    }

    private boolean hasSomething() {
        return !entries.of(lease.share()).isEmpty()
                || !entries.doubtsOf(lease.share()).isEmpty();
    }

    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public void delayed(String reason) {
        // Its caller's deadline is told in due time; the entries stay in our care.
    }

    @Override
    public void refuse(Code cause) {
        // The session is over, and its end tells what became of the entries.
    }

    @Override
    public void run(Session session) {
        if (suspicion.needsTrial(session)) {
            suspicion.tryOut(session, store.threads().time(), code -> {
                if (code == Code.OK) {
                    run(session);
                } else {
                    failed(code, null);
                }
            });
        } else if (hasSomething()) {
            new Look(session, entries.of(lease.share()), entries.doubtsOf(lease.share())).begin();
        } else {
            // Moved to other leases meanwhile.
            home.revoked(lease, 0, List.of());
        }
    }

    private void again() {
        attempts++;
        if (attempts < ATTEMPTS_AT_ONCE && !broken) {
            home.runAnyway(this);
            return;
        }
        if (backoff == null) {
            backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom());
        }
        store.threads().time().schedule(backoff.next().plus(SHORTEST_PAUSE), () -> home.runAnyway(this));
    }

    /** A request has failed as a whole, and had no effect. */
    private void failed(Code code, @Nullable String node) {
        if (ZooKeeperErrors.passes(code) || code == Code.THROTTLEDOP) {
            again();
        } else {
            home.refused(lease, code, node);
        }
    }

    private void written(WriteResult written, List<Op> ops, List<String> gone) {
        if (written instanceof WriteResult.Applied applied) {
            home.revoked(lease, applied.zxid(), gone);
        } else if (written instanceof WriteResult.Rejected rejected
                && ZooKeeperErrors.remedy(rejected.code()) != ZooKeeperErrors.Remedy.LOOK_AGAIN) {
            home.refused(lease, rejected.code(), rejected.node(ops, store.layout()));
        } else if (written instanceof WriteResult.NotApplied lost) {
            broken |= lost.left();
            if (lost.left() && RequestSize.bytes(ops) >= RequestSize.SMALLEST_LIMIT) {
                suspicion.broke();
            }
            if (suspicion.isConfirmed()) {
                home.tooLarge(lease, RequestSize.bytes(ops), suspicion.breaks());
            } else {
                // Connections break for reasons of their own, in a rolling restart one after the other.
                failed(lost.code(), null);
            }
        } else {
            // Overtaken by others; or nobody can tell, and the next look shows it.
            again();
        }
    }

    /** One look at what is there. Confined to the session's event thread once it has begun. */
    private final class Look {
        private final Session session;
        private final Map<String, Long> expected;
        private final List<String> doubts;
        private final List<String> counters;
        private final Map<String, Stat> found = new HashMap<>();
        private Map<String, Integer> counts = Map.of();
        private @Nullable Code failure;
        private @Nullable String refused;
        private boolean unfounded;
        private int waiting;

        Look(Session session, Map<String, Long> expected, List<String> doubts) {
            this.session = session;
            this.expected = expected;
            this.doubts = doubts;
            this.counters = paths().stream()
                    .map(store.layout()::departuresOf)
                    .distinct()
                    .sorted()
                    .toList();
        }

        private List<String> paths() {
            List<String> paths = new ArrayList<>(expected.keySet());
            doubts.stream().filter(path -> !expected.containsKey(path)).forEach(paths::add);
            return paths;
        }

        /** The counters first: whatever is deleted after they are read makes the transaction void. */
        void begin() {
            List<String> paths = paths();
            waiting = paths.size();
            session.read(Znodes.reads(counters), this::counted);
            for (String path : paths) {
                session.look(path, (code, stat) -> looked(path, code, stat));
            }
        }

        private void counted(Reply reply) {
            if (!reply.isOk()) {
                failure = reply.code();
                return;
            }
            Code refusal = Znodes.refusal(reply);
            if (refusal != null) {
                failure = refusal;
                refused = Znodes.refusedPath(counters, reply);
                return;
            }
            Znodes nodes = Znodes.of(counters, reply);
            counts = new TreeMap<>();
            for (String counter : counters) {
                unfounded |= !nodes.at(counter).exists();
                counts.put(counter, nodes.at(counter).version());
            }
        }

        private void looked(String path, Code code, @Nullable Stat stat) {
            if (stat != null) {
                found.put(path, stat);
            } else if (code != Code.NONODE && failure == null) {
                failure = code;
                refused = path;
            }
            waiting--;
            if (waiting == 0) {
                decide();
            }
        }

        private void decide() {
            if (failure != null) {
                failed(failure, refused);
                return;
            }
            if (unfounded) {
                store.storeNodes().lay(session, (code, node) -> {
                    if (code == Code.OK) {
                        again();
                    } else {
                        failed(code, node);
                    }
                });
                return;
            }
            List<String> own = own();
            if (own.isEmpty()) {
                home.revoked(lease, 0, List.of());
                return;
            }
            List<Op> ops = new ArrayList<>();
            Set<String> needed = own.stream().map(store.layout()::departuresOf).collect(Collectors.toSet());
            counts.forEach((counter, count) -> {
                if (needed.contains(counter)) {
                    ops.addAll(Guards.requireCount(counter, count));
                }
            });
            own.forEach(path -> ops.add(Op.delete(path, Guards.ANY)));
            session.write(ops, suspicion.isOpen(), this::departs, written -> written(written, ops, own));
        }

        /** Called under the session's lock. */
        private boolean departs() {
            suspicion.departs(session);
            return true;
        }

        /** What is left of the lease's entries. */
        private List<String> own() {
            List<String> own = new ArrayList<>();
            found.forEach((path, stat) -> {
                Long created = expected.get(path);
                if (created != null && created == stat.getCzxid()) {
                    own.add(path);
                } else if (doubts.contains(path)
                        && stat.getEphemeralOwner() == session.id()
                        && !entries.isKnown(path, stat.getCzxid())) {
                    own.add(path);
                }
            });
            return own;
        }
    }
}
