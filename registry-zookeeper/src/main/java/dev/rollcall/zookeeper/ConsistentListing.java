package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.zookeeper.CutAssembler.Observed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetChildrenResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads everything below a directory as it was at one moment, whatever its size: piece by piece, while the session's watch tells what
 * changes behind its back; {@link CutAssembler} make that good. On a quiet directory this costs a request for each level and for each few
 * hundred nodes, and nothing is read twice. If the connection breaks, it begins again.
 */
final class ConsistentListing implements SessionRunner.SessionTask {
    /** Told once. */
    interface Outcome {
        /** The tree as it was at its zxid; on the event thread, before any later event. */
        void listed(Tree tree);

        /** @param node the node that it failed for, if it is known */
        void failed(Code code, @Nullable String node);

        /** What is to be listed is more than this process has memory for; also told if {@link #listed} has thrown this. */
        void exhausted(OutOfMemoryError cause);

        /** It has no result so far, for this reason. */
        default void delayed(String reason) {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(ConsistentListing.class);

    /** Before the second attempt. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    /** Of as many connections that broke during a list, the list may be the cause. */
    private static final int MANY_BREAKS = 3;

    private static final int LARGEST_PIECE = 64;
    /** Replies stay far below what either side can take. */
    private static final int BYTES_OF_A_PIECE = 1 << 20;

    private static final int PIECES_UNDER_WAY = 4;

    /*
     * Concurrency: a walk begins on any thread and is confined to the session's event thread from then on; only where nothing can be sent
     * is it answered at once on the thread that began it, so done decides who finishes it.
     */
    private final ZooKeeperContext store;
    private final Directory directory;
    private final boolean fresh;
    private final BooleanSupplier over;
    private final Outcome outcome;
    private boolean withAbove;
    private LongSupplier least = () -> 0;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger breaks = new AtomicInteger();
    /** Of this directory's nodes: those of others may be lighter, and say nothing about them. */
    private final ReplyBudget budget = new ReplyBudget();

    ConsistentListing(
            ZooKeeperContext store, Directory directory, boolean fresh, BooleanSupplier over, Outcome outcome) {
        this.store = store;
        this.directory = directory;
        this.fresh = fresh;
        this.over = over;
        this.outcome = outcome;
    }

    void start() {
        store.connection().run(this);
    }

    /** Reads the directory's own node and those above it as well; they show whether anything can have been deleted. */
    ConsistentListing withAbove() {
        withAbove = true;
        return this;
    }

    /** Goes on until the moment of the tree is not before what {@code least} then says; asked on the event thread. */
    ConsistentListing notBefore(LongSupplier cut) {
        least = cut;
        return this;
    }

    @Override
    public boolean isOver() {
        return over.getAsBoolean();
    }

    @Override
    public void run(Session session) {
        long watermark = store.watermark().revision();
        store.feed().follow(session, code -> {
            if (code == Code.OK) {
                new Walk(session, fresh, watermark).begin();
            } else {
                failed(code, store.layout().root());
            }
        });
    }

    @Override
    public void delayed(String reason) {
        outcome.delayed(reason);
    }

    @Override
    public void refuse(Code cause) {
        outcome.failed(cause, null);
    }

    private void failed(Code code, @Nullable String node) {
        if (isOver()) {
            outcome.failed(code, node);
        } else if (ZooKeeperErrors.passes(code) || code == Code.THROTTLEDOP) {
            // Never from within: between two sessions an attempt may fail at once, and the next as well.
            store.threads().time().schedule(pause(failures.getAndIncrement()), this::start);
        } else {
            outcome.failed(code, node);
        }
    }

    private static Duration pause(int failuresBefore) {
        return Durations.min(LONGEST_PAUSE, FIRST_PAUSE.multipliedBy(1L << Math.min(failuresBefore, 10)));
    }

    /** A connection has broken while a reply was waited for. One that is too large for the memory here looks the same. */
    private void broke() {
        int count = breaks.incrementAndGet();
        if (count < MANY_BREAKS) {
            return;
        }
        String reason = ZooKeeperErrors.brokenList(count);
        outcome.delayed(reason);
        if (count == MANY_BREAKS) {
            LOG.warn("{}: '{}' cannot be listed so far: {}.", store.name(), directory, reason);
        }
    }

    /** One attempt, on one connection. */
    final class Walk implements CutAssembler.Sink {
        private final Session session;
        private final boolean fresh;
        private final long watermark;
        private final Tree tree = new Tree(store.layout(), directory);
        private final CutAssembler assembler;
        private final Deque<String> toRead = new ArrayDeque<>();
        private final Deque<String> toList = new ArrayDeque<>();
        private int underWay;
        private final AtomicBoolean done = new AtomicBoolean();

        Walk(Session session, boolean fresh, long watermark) {
            this.session = session;
            this.fresh = fresh;
            this.watermark = watermark;
            this.assembler = new CutAssembler(
                    (paths, answer) -> session.read(Znodes.reads(paths), answer), this, session.sizes(), true);
        }

        void begin() {
            store.feed().track(this);
            underWay++;
            List<Op> first = List.of(Op.getChildren(store.layout().path(directory)));
            Consumer<Reply> answer = reply -> listed(List.of(store.layout().path(directory)), reply);
            if (fresh) {
                session.readFresh(first, answer);
            } else {
                session.read(first, answer);
            }
        }

        boolean covers(String path) {
            return tree.covers(path);
        }

        void touched(String path, long deletedAt) {
            assembler.touched(path, deletedAt);
        }

        /** Events may have been lost. */
        void suspended() {
            fail(Code.CONNECTIONLOSS, null);
        }

        private void listed(List<String> parents, Reply reply) {
            try {
                takeNames(parents, reply);
            } catch (OutOfMemoryError e) {
                exhausted(e);
            }
        }

        private void read(List<String> paths, Reply reply) {
            try {
                takeNodes(paths, reply);
            } catch (OutOfMemoryError e) {
                exhausted(e);
            }
        }

        private void takeNames(List<String> parents, Reply reply) {
            underWay--;
            if (done.get() || refused(parents, reply)) {
                return;
            }
            if (reply.zxid() < watermark && !fresh) {
                // This server is behind what the handle has already shown; a barrier brings it up.
                if (end()) {
                    new Walk(session, true, watermark).begin();
                }
                return;
            }
            if (withAbove && parents.get(0).equals(store.layout().path(directory))) {
                toRead.addAll(tree.pathsAbove());
            }
            for (int i = 0; i < parents.size(); i++) {
                OpResult result = reply.results().get(i);
                if (result instanceof GetChildrenResult children) {
                    String stem = parents.get(i) + "/";
                    children.getChildren().forEach(name -> toRead.add(stem + name));
                }
            }
            proceed(reply.zxid());
        }

        private void takeNodes(List<String> paths, Reply reply) {
            underWay--;
            if (done.get() || refused(paths, reply)) {
                return;
            }
            budget.learn(reply.results());
            for (int i = 0; i < paths.size(); i++) {
                if (isRefusal(reply.errorAt(i))) {
                    // A node above the directory that may not be read: then it shows nothing.
                    continue;
                }
                Znode node = Znode.of(reply.results().get(i));
                tree.put(paths.get(i), node);
                if (node.children() > 0 && tree.covers(paths.get(i))) {
                    toList.add(paths.get(i));
                }
            }
            proceed(reply.zxid());
        }

        private void proceed(long zxid) {
            while (underWay < PIECES_UNDER_WAY && !toRead.isEmpty()) {
                List<String> paths = take(toRead);
                underWay++;
                session.read(Znodes.reads(paths), reply -> read(paths, reply));
            }
            while (underWay < PIECES_UNDER_WAY && !toList.isEmpty()) {
                List<String> paths = take(toList);
                underWay++;
                session.read(paths.stream().map(Op::getChildren).toList(), reply -> listed(paths, reply));
            }
            if (underWay == 0 && !done.get()) {
                assembler.release(zxid);
            }
        }

        private List<String> take(Deque<String> from) {
            List<String> paths = new ArrayList<>();
            int piece = budget.nodes(LARGEST_PIECE, BYTES_OF_A_PIECE);
            RequestSize.Room request = new RequestSize.Room();
            NodeSizes.Room reply = session.sizes().new Room();
            while (!from.isEmpty()
                    && paths.size() < piece
                    && request.takes(from.element())
                    && reply.takes(from.element())) {
                paths.add(from.remove());
            }
            return paths;
        }

        private static boolean isRefusal(Code code) {
            return code != Code.OK && code != Code.NONODE;
        }

        private boolean refused(List<String> paths, Reply reply) {
            store.feed().noted(reply.zxid());
            Code code = reply.isOk() ? null : reply.code();
            String node = null;
            for (int i = 0; i < reply.results().size() && code == null; i++) {
                String path = paths.get(i);
                if (isRefusal(reply.errorAt(i))
                        && (covers(path) || path.equals(store.layout().path(directory)))) {
                    code = reply.errorAt(i);
                    node = path;
                }
            }
            if (code == null && isOver()) {
                code = Code.OPERATIONTIMEOUT;
            }
            if (code == null) {
                return false;
            }
            fail(code, node);
            return true;
        }

        @Override
        public void cut(Map<String, Observed> changed, long zxid, Map<String, Long> later) {
            try {
                tree.apply(changed, zxid, later);
                // A cut in the past is one that was closed by a later reply; what is missing in it is being read
                // already.
                if (zxid < least.getAsLong()) {
                    return;
                }
                store.pruner().suspect(tree.emptied());
            } catch (OutOfMemoryError e) {
                exhausted(e);
                return;
            }
            if (end()) {
                deliver();
            }
        }

        /** What is told of the tree may need as much memory again. */
        private void deliver() {
            try {
                outcome.listed(tree);
            } catch (OutOfMemoryError e) {
                outcome.exhausted(e);
            }
        }

        /** Whoever has been told already cannot be told again: then the session has to end by it, rather than nobody hear of it. */
        private void exhausted(OutOfMemoryError cause) {
            if (!end()) {
                throw cause;
            }
            outcome.exhausted(cause);
        }

        @Override
        public void broken(Code code, @Nullable String node) {
            fail(code, node);
        }

        private void fail(Code code, @Nullable String node) {
            if (!end()) {
                return;
            }
            if (code == Code.CONNECTIONLOSS) {
                broke();
            }
            failed(code, node);
        }

        /** Whether it had not ended yet. */
        private boolean end() {
            boolean first = done.compareAndSet(false, true);
            if (first) {
                assembler.stop();
                store.feed().untrack(this);
            }
            return first;
        }
    }
}
