package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.support.PendingCall;
import dev.rollcall.zookeeper.SessionRunner.SessionTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that leases share. Its ephemeral nodes are their entries. Only their own session can create them, so it also carries the transactions that use
 * its leases. {@link LeaseEntries} knows which entry belongs to which lease; see decision 0086.
 *
 * <p>It is trusted as long as its {@link Heartbeats} are confirmed. A lease is granted by the first heartbeat that is sent after the request. {@link
 * LeaseSessionEnd} ends it at the server.
 */
final class LeaseSession
        implements SessionListener, Heartbeats.Holder, LeaseSessionEnd.Leases, RefusedRevocations.Home {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseSession.class);
    private static final Runnable NOTHING = () -> {};

    /** Beyond as many leases, or half of what their entries may take, it takes no more of them. With the longest keys, one for each, all fit. */
    static final int MOST_LEASES = 500;
    /** How long a session without leases waits for one. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    private static final Duration SOON = Duration.ofNanos(1);

    /*
     * Concurrency: lock guards every field below it; the session, the timer, leases and whatever waits are called without it.
     */
    private final ZooKeeperContext store;
    private final Duration step;
    private final LeaseSessions owner;
    private final Session session;
    private final Heartbeats heartbeats;
    private final LeaseTasks tasks = new LeaseTasks();
    private final LeaseEntries entries;
    private final LeaseSweep sweep;
    private final LeaseSessionEnd ending;
    private final RefusedRevocations refusals;
    private final ReentrantLock lock = new ReentrantLock();
    private List<PendingCall<Lease>> granting = new ArrayList<>();
    private final Set<ZooKeeperLease> leases = new LinkedHashSet<>();
    /** Those in granting, and those whom the heartbeat that is under way will grant a lease. */
    private int wanted;

    private long numbers;
    private @Nullable LeaseEnd end;
    /** Whether it takes no more leases, and ends with the last of them, since the entries of one that was revoked could not be deleted. */
    private boolean retiring;

    /** @param owner is told who waits for a lease when it takes no more of them, and when it is over */
    LeaseSession(ZooKeeperContext store, Duration step, LeaseSessions owner) {
        this.store = store;
        this.step = step;
        this.owner = owner;
        this.entries = new LeaseEntries(task -> store.threads().time().schedule(SOON, task));
        this.session = new Session(
                store.config(), store.opener(), store.clients(), store.threads().time(), SilenceGuard::forLeases, this);
        this.heartbeats = new Heartbeats(store, session, this);
        this.ending = new LeaseSessionEnd(store, session, this);
        this.sweep = new LeaseSweep(entries);
        this.refusals = new RefusedRevocations(store.threads().time(), this);
    }

    void open() {
        session.open(LeaseTime.sessionMillis(step));
        store.threads().time().schedule(store.config().timeout(), this::giveUp);
    }

    /** A session that tries for ever to connect would be of no use to anybody. */
    private void giveUp() {
        if (heartbeats.isBegun() || locked(() -> end != null)) {
            return;
        }
        if (locked(() -> granting.stream().allMatch(PendingCall::isDone))) {
            end(LeaseEnd.LOST, "there was no connection", NOTHING);
        } else {
            store.threads().time().schedule(store.config().timeout(), this::giveUp);
        }
    }

    // --- Its leases

    /** The ttl that was asked for. */
    Duration step() {
        return step;
    }

    /** The ttl that the server grants. */
    Duration ttl() {
        return heartbeats.ttl();
    }

    long sessionId() {
        return session.id();
    }

    boolean isTrusted() {
        return heartbeats.isTrusted();
    }

    /** Grants a lease soon, unless it takes no more; then it returns false. */
    boolean grant(PendingCall<Lease> call) {
        lock.lock();
        try {
            if (end != null
                    || retiring
                    || leases.size() + wanted >= MOST_LEASES
                    || entries.bytes() > LeaseEntries.MOST_BYTES / 2) {
                return false;
            }
            granting.add(call);
            wanted++;
        } finally {
            lock.unlock();
        }
        if (session.isConnected()) {
            heartbeats.beat();
        }
        return true;
    }

    @Override
    public List<PendingCall<Lease>> asking() {
        return locked(() -> {
            List<PendingCall<Lease>> asked = granting;
            granting = new ArrayList<>();
            return asked;
        });
    }

    @Override
    public void answered(List<PendingCall<Lease>> asked, boolean confirmed) {
        List<ZooKeeperLease> granted = new ArrayList<>();
        boolean elsewhere;
        boolean more;
        lock.lock();
        try {
            elsewhere = end != null || retiring;
            if (confirmed && !elsewhere) {
                asked.forEach(call -> granted.add(newLease()));
                wanted -= asked.size();
            } else {
                granting.addAll(0, asked);
            }
            more = confirmed && !granting.isEmpty();
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < granted.size(); i++) {
            if (!asked.get(i).complete(granted.get(i))) {
                // Nobody waits for it any more, so nobody would ever revoke it.
                remove(granted.get(i));
                rest();
            }
        }
        if (elsewhere) {
            passOn();
        } else if (more) {
            heartbeats.beat();
        }
    }

    /** Called with the lock held. */
    private ZooKeeperLease newLease() {
        String id = Long.toHexString(session.id()) + "-" + ++numbers;
        ZooKeeperLease lease = new ZooKeeperLease(store, this, entries, id);
        leases.add(lease);
        return lease;
    }

    /** Deletes the entries of a lease that has ended. */
    void revoke(ZooKeeperLease lease) {
        tasks.refuse(lease);
        entries.end(lease.share(), () -> new Revocation(store, this, entries, lease).start());
    }

    /** The entries of a lease that has ended are gone; the last ones, at these paths, in the transaction {@code zxid}. */
    void revoked(ZooKeeperLease lease, long zxid, List<String> gone) {
        entries.removeAll(lease.share());
        refusals.gone(lease);
        if (!remove(lease)) {
            return;
        }
        store.watermark().raise(zxid);
        store.pruner().pruneAbove(gone);
        lease.over(true);
        rest();
    }

    /** The entries of a lease that has ended cannot be deleted, for the time being or at all: they go with the session at the latest. */
    void refused(ZooKeeperLease lease, Code code, @Nullable String node) {
        String where = node == null ? "" : " at " + node;
        keptFor(lease, context -> ZooKeeperErrors.refusedRevocation(context, code, node), code + where, true);
    }

    /** The request that deletes the entries of a lease that has ended is larger than the server takes: they go with the session. */
    void tooLarge(ZooKeeperLease lease, int bytes, int breaks) {
        String why = "its request of " + bytes + " bytes breaks connections";
        keptFor(lease, context -> ZooKeeperErrors.revocationTooLarge(context, bytes, breaks), why, false);
    }

    private void keptFor(ZooKeeperLease lease, Function<Context, KvException> failure, String why, boolean mayPass) {
        boolean news;
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            news = !retiring;
            retiring = true;
        } finally {
            lock.unlock();
        }
        if (news) {
            LOG.warn(
                    "{}: the entries of the lease {} cannot be deleted ({}); {} a ttl they go with the other leases of their session.",
                    store.name(),
                    lease.id(),
                    why,
                    mayPass ? "this is tried again, and after" : "after");
        }
        passOn();
        if (!rest()) {
            lease.refuseRevocation(failure);
            // What breaks connections would break more.
            refusals.refused(lease, mayPass, heartbeats.ttl());
        }
    }

    @Override
    public void revokeAgain(ZooKeeperLease lease) {
        if (locked(() -> end == null && leases.contains(lease))) {
            new Revocation(store, this, entries, lease).start();
        }
    }

    @Override
    public void giveWay(ZooKeeperLease lease) {
        if (locked(() -> leases.contains(lease))) {
            String reason =
                    "the entries of the lease " + lease.id() + ", which was revoked, could not be deleted otherwise";
            end(LeaseEnd.LOST, reason, NOTHING);
        }
    }

    private boolean remove(ZooKeeperLease lease) {
        return locked(() -> leases.remove(lease));
    }

    /** Ends it if it is retiring and nobody needs it, and returns true; else, if it has no lease, after a pause. */
    private boolean rest() {
        long now;
        boolean last;
        lock.lock();
        try {
            if (end != null || !granting.isEmpty()) {
                return false;
            }
            last = retiring && leases.stream().allMatch(ZooKeeperLease::hasEnded);
            if (!last && !leases.isEmpty()) {
                return false;
            }
            now = numbers;
        } finally {
            lock.unlock();
        }
        if (last) {
            end(LeaseEnd.REVOKED, "its leases have ended", NOTHING);
        } else {
            store.threads().time().schedule(IDLE, () -> endIfIdle(now));
        }
        return last;
    }

    private void endIfIdle(long numbersThen) {
        if (locked(() -> leases.isEmpty() && granting.isEmpty() && numbers == numbersThen)) {
            end(LeaseEnd.REVOKED, "no lease needs it", NOTHING);
        }
    }

    /** The nodes at these paths were deleted in the transaction {@code zxid}. */
    void deleted(List<String> paths, long zxid) {
        paths.forEach(path -> entries.deleted(path, zxid));
    }

    /** Looks which entries others have deleted, forgets them, and does what is next. */
    void makeRoom(Runnable next) {
        if (sweep.add(next)) {
            runAnyway(sweep);
        }
    }

    // --- Its session

    /** Runs what needs this lease, or any if it is null, as soon as there is a connection. */
    void run(SessionTask sessionTask, @Nullable ZooKeeperLease lease) {
        boolean connected = session.isConnected();
        boolean ended = (lease != null && lease.hasEnded()) || !heartbeats.isTrusted();
        if (ended || (!connected && !tasks.add(sessionTask, lease))) {
            sessionTask.refuse(Code.SESSIONEXPIRED);
        } else if (connected) {
            sessionTask.run(session);
        } else if (session.isConnected()) {
            // It has connected meanwhile, and may have looked at what waits before this did.
            tasks.run(this::run);
        }
    }

    /** Runs what concerns leases that have ended. */
    void runAnyway(SessionTask sessionTask) {
        run(sessionTask, null);
    }

    @Override
    public void connected(Session which) {
        if (ending.connected()) {
            return;
        }
        heartbeats.connected();
        tasks.run(this::run);
    }

    @Override
    public void suspended(Session which) {
        // The time until which it is trusted runs on.
    }

    @Override
    public void ended(Session which, Code cause) {
        boolean expired = cause == Code.SESSIONEXPIRED;
        if (!expired && cause != Code.CONNECTIONLOSS) {
            // Another session would fare no better.
            asking().forEach(call -> refuse(call, cause, which.fault()));
        }
        end(LeaseEnd.LOST, expired ? "the server has let it expire" : "it ended with " + cause, NOTHING);
        // The server itself says so, hence its entries are gone.
        ending.over(expired, 0);
    }

    private static void refuse(PendingCall<Lease> call, Code cause, @Nullable Throwable fault) {
        if (cause == Code.AUTHFAILED) {
            call.fail(ZooKeeperErrors.refused(call.context(), cause));
        } else {
            call.unsent("the session ended with " + (fault == null ? cause : fault), fault);
        }
    }

    @Override
    public void unreachable(Session which, int attempts, String reasons) {
        String sentence = attempts + " attempts to connect have failed (" + reasons + ")";
        locked(() -> List.copyOf(granting)).forEach(call -> call.unsent(sentence, null));
        tasks.delayed(sentence);
    }

    @Override
    public void event(Session which, WatchedEvent event) {
        // A lease watches nothing.
    }

    // --- Its end

    /** The store has gone back in time: entries may be missing, so its leases are worth nothing, and what is left of them is taken away. */
    void rewound(String reason) {
        if (heartbeats.rewound()) {
            end(LeaseEnd.LOST, "the store is not the one that granted it: " + reason, NOTHING);
        }
    }

    @Override
    public void lost(String reason) {
        end(LeaseEnd.LOST, reason, NOTHING);
    }

    /** Ends it, unless it has ended; {@code confirmed} runs when the server has confirmed that, or will not be asked any more. */
    void end(LeaseEnd how, String reason, Runnable confirmed) {
        List<ZooKeeperLease> ended;
        boolean again;
        lock.lock();
        try {
            again = end != null;
            if (!again) {
                end = how;
            }
            ended = List.copyOf(leases);
        } finally {
            lock.unlock();
        }
        heartbeats.stop();
        ending.whenOver(confirmed);
        if (again) {
            return;
        }
        int lost = 0;
        for (ZooKeeperLease lease : ended) {
            if (how == LeaseEnd.REVOKED) {
                lease.closeWithHandle();
            } else if (lease.lose(reason)) {
                lost++;
            }
        }
        if (lost > 0) {
            LOG.warn(
                    "{}: {} leases are lost with their session 0x{}: {}.",
                    store.name(),
                    lost,
                    Long.toHexString(session.id()),
                    reason);
        }
        tasks.close();
        passOn();
        ending.begin();
    }

    /** Lets those who wait for a lease go elsewhere. */
    private void passOn() {
        List<PendingCall<Lease>> elsewhere = asking();
        if (!elsewhere.isEmpty()) {
            owner.grantElsewhere(step, elsewhere);
        }
    }

    @Override
    public boolean isAnyRevoked() {
        return locked(() -> List.copyOf(leases)).stream().anyMatch(ZooKeeperLease::isRevoked);
    }

    @Override
    public void over(boolean confirmed, long zxid) {
        List<ZooKeeperLease> left = locked(() -> {
            List<ZooKeeperLease> all = List.copyOf(leases);
            leases.clear();
            return all;
        });
        if (confirmed) {
            store.watermark().raise(zxid);
            store.pruner().pruneAbove(entries.all().keySet());
        } else {
            session.abandon();
            // By then its entries are gone as well.
            store.pruner().pruneAbove(entries.all().keySet(), Duration.ofMillis(2L * session.timeoutMillis()));
        }
        left.forEach(lease -> lease.over(confirmed));
        owner.over(this);
    }

    /** Lets go of it without waiting for the server any longer. */
    void abandon() {
        ending.over(false, 0);
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }
}
