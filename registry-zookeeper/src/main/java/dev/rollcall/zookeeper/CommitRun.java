package dev.rollcall.zookeeper;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnsupportedCapabilityException;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.Backoff;
import dev.rollcall.kv.support.PendingCall;
import dev.rollcall.zookeeper.CommitPlan.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on its way. It looks at what it concerns, makes a transaction of ZooKeeper's for exactly that state and sends it; if
 * the state has passed meanwhile, ZooKeeper refuses the whole, and it looks again. What may have been applied is never sent again.
 *
 * <p>The first look may be at a server that is behind: success is confirmed by the guards, and before a failure is reported a second look
 * makes sure of it.
 */
final class CommitRun implements SessionRunner.SessionTask {
    private static final int ATTEMPTS_AT_ONCE = 4;
    private static final Duration SOON = Duration.ofNanos(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(4);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

    /* Concurrency: the steps follow one another, each on the thread that brought the answer to the one before. */
    private final ZooKeeperContext store;
    private final PendingCall<Commit> call;
    private final Txn txn;
    private final Function<String, List<ACL>> acls;
    private final SessionRunner runner;
    private final @Nullable ZooKeeperLease lease;
    private boolean quick;
    private boolean fresh;
    private boolean ancestors;
    private int attempts;
    private final SizeSuspicion suspicion = new SizeSuspicion();
    private int bytes;
    private boolean roomMade;
    private @Nullable Backoff backoff;

    /** @param acls the permissions of the nodes that {@code txn} may create, by their paths */
    CommitRun(
            ZooKeeperContext store,
            PendingCall<Commit> call,
            Txn txn,
            Function<String, List<ACL>> acls,
            @Nullable ZooKeeperLease lease) {
        this.store = store;
        this.call = call;
        this.txn = txn;
        this.acls = acls;
        this.lease = lease;
        this.runner = lease == null ? store.connection() : lease;
        this.quick = lease == null;
    }

    void start() {
        runner.run(this);
    }

    @Override
    public boolean isOver() {
        return call.isDone();
    }

    @Override
    public void delayed(String reason) {
        call.unsent(reason, null);
    }

    @Override
    public void refuse(Code cause) {
        call.fail(notApplied(cause));
    }

    @Override
    public void run(Session session) {
        if (call.isDone()) {
            return;
        }
        if (suspicion.needsTrial(session)) {
            suspicion.tryOut(session, store.threads().time(), code -> {
                if (code == Code.OK) {
                    run(session);
                } else {
                    retryRead(code);
                }
            });
            return;
        }
        if (quick) {
            quick = false;
            List<Op> ops = OptimisticWrite.ops(txn, store.layout(), acls, store.versions());
            if (ops != null) {
                send(session, ops, deleted(ops));
                return;
            }
        }
        Collection<String> paths = CommitPlan.paths(txn, store.layout(), this::mayBeCreated);
        if (fresh) {
            session.readFresh(Znodes.reads(paths), reply -> looked(session, paths, reply));
        } else {
            session.read(Znodes.reads(paths), reply -> looked(session, paths, reply));
        }
    }

    /** What is put under a lease is mostly new, and often the first in its directory. */
    private boolean mayBeCreated(String path) {
        return ancestors || (lease != null && !lease.has(path));
    }

    private void looked(Session session, Collection<String> paths, Reply reply) {
        if (call.isDone()) {
            return;
        }
        if (!reply.isOk()) {
            retryRead(reply.code());
            return;
        }
        Code refusal = Znodes.refusal(reply);
        if (refusal != null) {
            call.fail(notApplied(refusal, Znodes.refusedPath(paths, reply)));
            return;
        }
        Znodes nodes = Znodes.of(paths, reply);
        learn(nodes);
        if (!txn.writes().isEmpty()
                && paths.stream()
                        .anyMatch(path -> isFoundation(path) && !nodes.at(path).exists())) {
            layFoundations(session);
            return;
        }
        CommitPlan plan = new CommitPlan(
                txn, store.layout(), acls, nodes, (path, node) -> lease != null && lease.keeps(path, node));
        act(session, nodes, plan.decide());
    }

    private boolean isFoundation(String path) {
        return path.equals(store.layout().root())
                || path.startsWith(store.layout().own() + "/");
    }

    private void learn(Znodes nodes) {
        nodes.byPath().forEach((path, node) -> store.versions().read(path, node, nodes.zxid()));
        if (lease == null
                && txn.conditions().isEmpty()
                && txn.writes().size() == 1
                && txn.writes().get(0) instanceof Write.Put put) {
            store.versions().wasThere(nodes.at(store.layout().path(put.key())).exists());
        }
    }

    private void act(Session session, Znodes nodes, Decision decision) {
        if (decision instanceof Decision.Apply apply) {
            if (RequestSize.fits(apply.ops())) {
                send(session, apply.ops(), apply.deleted());
            } else {
                makeParents(session, nodes, apply);
            }
        } else if (!fresh) {
            fresh = true;
            run(session);
        } else if (decision instanceof Decision.Fails fails) {
            store.watermark().raise(nodes.zxid());
            call.fail(ConditionFailedException.of(context(), fails.condition(), fails.actual()));
        } else if (decision instanceof Decision.Unchanged) {
            call.complete(new Commit(store.watermark().raise(nodes.zxid())));
        } else if (decision instanceof Decision.Occupied occupied) {
            clear(occupied.path());
        } else {
            call.fail(new KvException(
                    context(),
                    Outcome.NOT_APPLIED,
                    false,
                    "a node's version has reached the one value that ZooKeeper cannot compare; write the node once",
                    null));
        }
    }

    private void send(Session session, List<Op> ops, List<String> deleted) {
        session.write(ops, suspicion.isOpen(), () -> departs(session, ops), written -> written(written, ops, deleted));
    }

    /** Whether it leaves now. Called under the session's lock, and again if it had to wait once more because of others. */
    private boolean departs(Session session, List<Op> ops) {
        suspicion.departs(session);
        if (!call.sent()) {
            if (lease != null) {
                lease.withdraw(this);
            }
            return false;
        }
        if (lease == null) {
            return true;
        }
        return switch (lease.depart(this, ops)) {
            case LEAVES -> true;
            case ENDED -> {
                call.fail(lease.lost(context()));
                yield false;
            }
            case FULL -> {
                store.threads().time().schedule(SOON, this::makeRoom);
                yield false;
            }
        };
    }

    /** There is no room for what it creates, unless others have deleted what was there. */
    private void makeRoom() {
        if (lease != null && !roomMade) {
            roomMade = true;
            lease.makeRoom(() -> again("its lease was full"));
            return;
        }
        call.fail(new KvException(
                context(),
                Outcome.NOT_APPLIED,
                false,
                "there is no room for it under its lease: the paths of the entries that ZooKeeper deletes at once, when a session of leases expires, may take "
                        + LeaseEntries.MOST_BYTES + " bytes; put it under another lease",
                null));
    }

    private static List<String> deleted(List<Op> ops) {
        List<String> paths = List.of();
        for (Op op : ops) {
            if (op.getType() == OpCode.delete) {
                paths = paths.isEmpty() ? new ArrayList<>() : paths;
                paths.add(op.getPath());
            }
        }
        return paths;
    }

    private void written(WriteResult written, List<Op> ops, List<String> deleted) {
        if (lease != null) {
            lease.arrived(this, written);
        }
        if (written instanceof WriteResult.Applied applied) {
            store.watermark().raise(applied.zxid());
            store.memory().wrote(ops, applied.zxid());
            store.versions().applied(ops, applied.results(), applied.zxid());
            store.leases().deleted(deleted, applied.zxid());
            call.complete(new Commit(applied.zxid()));
            store.pruner().pruneAbove(deleted);
        } else if (written instanceof WriteResult.Rejected rejected) {
            if (ZooKeeperErrors.remedy(rejected.code()) == ZooKeeperErrors.Remedy.LOOK_AGAIN) {
                ancestors |= rejected.code() == Code.NONODE;
                // The answer came in order, so a plain look at the same server shows what stood in the way.
                again(refusal(rejected.code(), rejected.node(ops, store.layout())));
            } else {
                call.fail(notApplied(rejected.code(), rejected.node(ops, store.layout())));
            }
        } else if (written instanceof WriteResult.NotApplied lost) {
            bytes = RequestSize.bytes(ops);
            if (lost.left() && bytes >= RequestSize.SMALLEST_LIMIT) {
                suspicion.broke();
            }
            if (suspicion.isConfirmed()) {
                call.fail(ZooKeeperErrors.breaker(context(), bytes, suspicion.breaks()));
            } else if (mayGoAgain(lost.code())) {
                again(reason(lost.code()));
            } else {
                call.fail(notApplied(lost.code()));
            }
        } else if (written instanceof WriteResult.Unknown unknown) {
            call.fail(ZooKeeperErrors.unknown(context(), unknown.code()));
        }
    }

    private String reason(Code code) {
        return code == Code.CONNECTIONLOSS && suspicion.breaks() > 1
                ? ZooKeeperErrors.suspected(bytes, suspicion.breaks())
                : ZooKeeperErrors.reason(code);
    }

    private String refusal(Code code, String node) {
        return "ZooKeeper refused it " + (attempts + 1) + " times, at last with " + code + " for " + node;
    }

    /** Whether what had no effect, for a reason that is not in it, may be sent again. */
    private boolean mayGoAgain(Code code) {
        boolean passes = ZooKeeperErrors.passes(code) || code == Code.THROTTLEDOP;
        return passes && (lease == null || code != Code.SESSIONEXPIRED);
    }

    /**
     * Begins anew what had no effect, until the deadline; at once for the first few times, since what has been overtaken by others is
     * common, then after pauses.
     */
    private void again(String reason) {
        call.unsent(reason, null);
        attempts++;
        if (attempts < ATTEMPTS_AT_ONCE && !suspicion.isOpen()) {
            runner.run(this);
            return;
        }
        if (backoff == null) {
            backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom());
        }
        store.threads().time().schedule(backoff.next().plus(SHORTEST_PAUSE), () -> runner.run(this));
    }

    private void retryRead(Code code) {
        retryRead(code, null);
    }

    private void retryRead(Code code, @Nullable String node) {
        if (mayGoAgain(code)) {
            again(reason(code));
        } else {
            call.fail(notApplied(code, node));
        }
    }

    private void layFoundations(Session session) {
        store.storeNodes().lay(session, (code, node) -> {
            if (code == Code.OK) {
                ancestors = true;
                again("the nodes that the store needs had to be made");
            } else {
                retryRead(code, node);
            }
        });
    }

    /** The directories on the way do not fit beside the data: they go ahead, as many at once as fit. */
    private void makeParents(Session session, Znodes nodes, Decision.Apply apply) {
        List<Op> ops = new ArrayList<>();
        for (String parent : apply.parents()) {
            Guards guards = new Guards(store.layout(), nodes);
            guards.announceCreation(parent);
            List<Op> more = new ArrayList<>(ops);
            more.addAll(guards.ops());
            more.add(Op.create(parent, Znode.NO_VALUE, acls.apply(parent), org.apache.zookeeper.CreateMode.PERSISTENT));
            if (!RequestSize.fits(more)) {
                break;
            }
            ops = more;
        }
        if (ops.isEmpty()) {
            call.fail(new KvException(
                    context(),
                    Outcome.NOT_APPLIED,
                    false,
                    "with the root, access list and guards around it, the transaction is larger than the "
                            + ZooKeeperConfig.MAX_REQUEST_BYTES + " bytes that ZooKeeper takes; split it",
                    null));
            return;
        }
        session.writePlain(ops, reply -> {
            if (reply.isOk()) {
                again("its directories had to be made first");
            } else {
                retryRead(reply.code());
            }
        });
    }

    /** A key that has keys below it cannot get a lease; one that only has empty directories below it can, once they are gone. */
    private void clear(String path) {
        Key key = Key.of(path.substring(store.layout().root().length()));
        Directory below = key.asDirectory();
        // Behind a barrier: the session that has found nodes below the key may be ahead of the one that lists them.
        new ConsistentListing(store, below, true, call::isDone, new ConsistentListing.Outcome() {
                    @Override
                    public void listed(Tree tree) {
                        if (tree.hasEntries()) {
                            call.fail(new UnsupportedCapabilityException(
                                    KvException.Context.of(store.name(), txn.operation(), key),
                                    Capability.KEYS_BELOW_LEASED_KEYS));
                            return;
                        }
                        fresh = true;
                        store.pruner()
                                .pruneAll(
                                        tree.directories(),
                                        () -> again("empty directories below the key had to be removed first"));
                    }

                    @Override
                    public void exhausted(OutOfMemoryError cause) {
                        call.fail(ZooKeeperErrors.exhausted(context(), cause));
                    }

                    @Override
                    public void failed(Code code, @Nullable String node) {
                        call.fail(notApplied(code, node));
                    }
                })
                .start();
    }

    private KvException notApplied(Code code) {
        return notApplied(code, null);
    }

    private KvException notApplied(Code code, @Nullable String node) {
        if (lease != null && code == Code.SESSIONEXPIRED) {
            return lease.lost(context());
        }
        return ZooKeeperErrors.passes(code)
                ? ZooKeeperErrors.lost(context(), code)
                : ZooKeeperErrors.refused(context(), code, node);
    }

    private Context context() {
        return call.context();
    }
}
