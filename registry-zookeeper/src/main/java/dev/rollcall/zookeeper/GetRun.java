package dev.rollcall.zookeeper;

import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.support.PendingCall;
import java.time.Duration;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/** One read of a key on its way; it is repeated on the next connection if this one breaks. */
final class GetRun implements SessionRunner.SessionTask {
    /** For a server that is overloaded. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /* Concurrency: the steps follow one another, each on the thread that brought the answer to the one before. */
    private final ZooKeeperContext store;
    private final PendingCall<GetResult> call;
    private final Key key;
    private final long watermark;
    private boolean fresh;

    GetRun(ZooKeeperContext store, PendingCall<GetResult> call, Key key, boolean fresh) {
        this.store = store;
        this.call = call;
        this.key = key;
        this.fresh = fresh;
        this.watermark = store.watermark().revision();
    }

    void start() {
        store.connection().run(this);
    }

    @Override
    public boolean isOver() {
        return call.isDone();
    }

    @Override
    public void run(Session session) {
        List<Op> ops = List.of(Op.getData(store.layout().path(key)));
        if (fresh) {
            session.readFresh(ops, this::answered);
        } else {
            session.read(ops, this::answered);
        }
    }

    @Override
    public void delayed(String reason) {
        call.unsent(reason, null);
    }

    @Override
    public void refuse(Code cause) {
        call.fail(ZooKeeperErrors.refused(call.context(), cause));
    }

    private void answered(Reply reply) {
        Code refusal = reply.isOk() ? Znodes.refusal(reply) : reply.code();
        if (refusal != null) {
            if (refusal == Code.THROTTLEDOP && !call.isDone()) {
                store.threads().time().schedule(PAUSE, this::start);
            } else if (ZooKeeperErrors.passes(refusal) && !call.isDone()) {
                start();
            } else {
                call.fail(ZooKeeperErrors.refused(
                        call.context(), refusal, store.layout().path(key)));
            }
        } else if (reply.zxid() < watermark) {
            // This server is behind what the handle has already shown; a barrier brings it up.
            fresh = true;
            start();
        } else {
            Znode node = Znode.of(reply.results().get(0));
            store.watermark().raise(reply.zxid());
            store.versions().read(store.layout().path(key), node, reply.zxid());
            call.complete(new GetResult(key, node.isEntry() ? node.entry(key) : null, reply.zxid()));
        }
    }
}
