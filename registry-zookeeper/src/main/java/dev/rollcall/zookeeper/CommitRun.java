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
import dev.rollcall.kv.support.PendingCall;
import dev.rollcall.zookeeper.CommitPlan.Decision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on its way. It looks at what it concerns, makes a transaction of ZooKeeper's for exactly that state and sends it; if
 * the state has passed meanwhile, ZooKeeper refuses the whole, and it looks again. What may have been applied is never sent again.
 *
 * <p>The first look may be at a server that is behind: success is confirmed by the guards, and before a failure is reported a second look
 * makes sure of it.
 */
final class CommitRun implements Venue.Errand {
    /* Concurrency: the steps follow one another, each on the thread that brought the answer to the one before. */
    private final Store store;
    private final PendingCall<Commit> call;
    private final Txn txn;
    private final Venue venue;
    private final @Nullable LeaseSession lease;
    private boolean quick;
    private boolean fresh;
    private boolean ancestors;

    CommitRun(Store store, PendingCall<Commit> call, Txn txn, @Nullable LeaseSession lease) {
        this.store = store;
        this.call = call;
        this.txn = txn;
        this.lease = lease;
        this.venue = lease == null ? store.connection() : lease;
        this.quick = lease == null;
    }

    void start() {
        venue.run(this);
    }

    @Override
    public boolean isOver() {
        return call.isDone();
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
        if (quick) {
            quick = false;
            List<Op> ops = QuickWrite.ops(txn, store.layout(), store.acl(), store.versions());
            if (ops != null) {
                send(session, ops, deleted(ops));
                return;
            }
        }
        Collection<String> paths = CommitPlan.paths(txn, store.layout(), ancestors);
        if (fresh) {
            session.readFresh(Nodes.reads(paths), reply -> looked(session, paths, reply));
        } else {
            session.read(Nodes.reads(paths), reply -> looked(session, paths, reply));
        }
    }

    private void looked(Session session, Collection<String> paths, Reply reply) {
        if (call.isDone()) {
            return;
        }
        if (!reply.isOk()) {
            retryRead(reply.code());
            return;
        }
        Code refusal = Nodes.refusal(reply);
        if (refusal != null) {
            call.fail(notApplied(refusal));
            return;
        }
        Nodes nodes = Nodes.of(paths, reply);
        learn(nodes);
        for (String path : paths) {
            if (path.startsWith(store.layout().own() + "/")
                    && !nodes.at(path).exists()
                    && !txn.writes().isEmpty()) {
                layFoundations(session);
                return;
            }
        }
        long leaseSession = lease == null ? 0 : session.id();
        act(session, nodes, new CommitPlan(txn, store.layout(), store.acl(), nodes, leaseSession).decide());
    }

    private void learn(Nodes nodes) {
        nodes.byPath().forEach((path, node) -> store.versions().read(path, node, nodes.zxid()));
        if (lease == null
                && txn.conditions().isEmpty()
                && txn.writes().size() == 1
                && txn.writes().get(0) instanceof Write.Put put) {
            store.versions().wasThere(nodes.at(store.layout().path(put.key())).exists());
        }
    }

    private void act(Session session, Nodes nodes, Decision decision) {
        if (decision instanceof Decision.Apply apply) {
            if (Requests.fits(apply.ops())) {
                send(session, apply.ops(), apply.deleted());
            } else {
                makeParents(session, nodes, apply);
            }
        } else if (!fresh) {
            fresh = true;
            run(session);
        } else if (decision instanceof Decision.Fails fails) {
            store.floor().raise(nodes.zxid());
            call.fail(ConditionFailedException.of(context(), fails.condition(), fails.actual()));
        } else if (decision instanceof Decision.Unchanged) {
            call.complete(new Commit(store.floor().raise(nodes.zxid())));
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
        session.write(ops, call::sent, written -> written(written, ops, deleted));
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

    private void written(Written written, List<Op> ops, List<String> deleted) {
        if (written instanceof Written.Applied applied) {
            store.floor().raise(applied.zxid());
            store.versions().applied(ops, applied.results(), applied.zxid());
            if (lease != null) {
                lease.holds(txn);
            }
            call.complete(new Commit(applied.zxid()));
            store.pruner().pruneAbove(deleted);
        } else if (written instanceof Written.Rejected rejected) {
            if (ZooKeeperErrors.remedy(rejected.code()) == ZooKeeperErrors.Remedy.LOOK_AGAIN) {
                ancestors |= rejected.code() == Code.NONODE;
                // The answer came in order, so a plain look at the same server shows what stood in the way.
                venue.run(this);
            } else {
                call.fail(notApplied(rejected.code()));
            }
        } else if (written instanceof Written.NotApplied lost) {
            call.fail(notApplied(lost.code()));
        } else if (written instanceof Written.Unknown unknown) {
            call.fail(ZooKeeperErrors.unknown(context(), unknown.code()));
        }
    }

    private void retryRead(Code code) {
        if (ZooKeeperErrors.passes(code) && (lease == null || code != Code.SESSIONEXPIRED)) {
            venue.run(this);
        } else {
            call.fail(notApplied(code));
        }
    }

    private void layFoundations(Session session) {
        store.foundations().lay(session, code -> {
            if (code == Code.OK) {
                ancestors = true;
                venue.run(this);
            } else {
                retryRead(code);
            }
        });
    }

    /** The directories on the way do not fit beside the data: they go ahead, as many at once as fit. */
    private void makeParents(Session session, Nodes nodes, Decision.Apply apply) {
        List<Op> ops = new ArrayList<>();
        for (String parent : apply.parents()) {
            Guards guards = new Guards(store.layout(), nodes);
            guards.announceCreation(parent);
            List<Op> more = new ArrayList<>(ops);
            more.addAll(guards.ops());
            more.add(Op.create(parent, Node.NO_VALUE, store.acl(), org.apache.zookeeper.CreateMode.PERSISTENT));
            if (!Requests.fits(more)) {
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
                venue.run(this);
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
        new Listing(store, below, true, call::isDone, new Listing.Outcome() {
                    @Override
                    public void listed(Tree tree) {
                        if (tree.hasEntries()) {
                            call.fail(new UnsupportedCapabilityException(
                                    KvException.Context.of(store.name(), txn.operation(), key),
                                    Capability.KEYS_BELOW_LEASED_KEYS));
                            return;
                        }
                        fresh = true;
                        store.pruner().pruneAll(tree.directories(), () -> venue.run(CommitRun.this));
                    }

                    @Override
                    public void failed(Code code) {
                        call.fail(notApplied(code));
                    }
                })
                .start();
    }

    private KvException notApplied(Code code) {
        if (lease != null && code == Code.SESSIONEXPIRED) {
            return lease.lost(context());
        }
        return ZooKeeperErrors.passes(code)
                ? ZooKeeperErrors.lost(context(), code)
                : ZooKeeperErrors.refused(context(), code);
    }

    private Context context() {
        return call.context();
    }
}
