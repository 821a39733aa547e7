package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.WatchSignal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A local copy of all nodes of a kind, kept up to date by a watch that all views and registrations of its registry share.
 *
 * <p>What it shows is always a state that the store really had, at {@link #revision()}: records and liveness together. While the store is away or refuses
 * to be watched, the view is stale: it keeps showing the last state, and says so by {@link #staleSince()} and {@link #lastFailure()}. It recovers by
 * itself; only the end of the backend is final. {@link ViewOptions} may let it show an older state for a while, which it also reports. Reading never
 * blocks, and {@link #get} neither locks nor allocates.
 *
 * <p>Safe for use by several threads.
 *
 * @param <T> the type of the records
 */
/*
 * Concurrency: cut and latest are written under lock only, by whichever thread brings news, and read by everyone without. awaiters,
 * refresh, connection and failure are guarded by lock; freshness is written under it. Under lock nothing of the user's runs: signals are
 * decoded before it is taken; futures are completed, and listeners signalled, after.
 */
public final class NodeView<T> implements AutoCloseable {
    private final RegistryContext registryContext;
    private final String kind;
    private final ViewReducer<T> reducer;
    private final Consumer<NodeView<T>> onClose;
    private final Set<ViewFeed<T>> feeds = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> written = new CompletableFuture<>();

    private final Object lock = new Object();
    private final Awaiters awaiters = new Awaiters();
    private final ViewRefresh refresh;
    private final ViewWatch watch;
    private @Nullable Subscription connection;
    private boolean closed;

    private volatile @Nullable KvException failure;
    private final Freshness freshness;
    private final CatchUp catchUp;
    private final EmptyGuard<T> guard;
    private final @Nullable ViewFile<T> file;
    private final @Nullable ViewAuditor<T> auditor;

    /** What the store had last; {@code cut} is the same, but while the guard holds it back or it was restored from a file. */
    private volatile NodeSet<T> latest = NodeSet.empty();

    private volatile NodeSet<T> cut;
    /** When the state was saved that the view has begun with, or null. */
    private final @Nullable Instant restoredFrom;

    NodeView(
            RegistryContext registryContext,
            String kind,
            NodeReader<T> reader,
            ViewOptions options,
            Consumer<NodeView<T>> onClose) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.reducer = new ViewReducer<>(registryContext.keys(), kind, reader);
        this.onClose = onClose;
        this.freshness = new Freshness(registryContext, kind);
        KindReads reads = new KindReads(registryContext.backend(), registryContext.keys(), kind);
        this.watch = new ViewWatch(registryContext, kind, reads, reducer::concerns, new Follower());
        this.refresh = new ViewRefresh(
                registryContext, lock, awaiters, () -> failure != null, reads, watch::isRunning, this::looked);
        this.catchUp = new CatchUp(
                registryContext,
                kind,
                lock,
                freshness,
                () -> latest.fillings() > 0,
                () -> failure != null,
                this::awaitRevision);
        this.guard = new EmptyGuard<>(registryContext, kind, options.emptyProtection(), this::showLatest);
        this.file = options.file() == null
                ? null
                : new ViewFile<>(registryContext, kind, reader, options.file(), this::nodes);
        this.auditor = options.auditEvery() == null
                ? null
                : new ViewAuditor<>(
                        registryContext,
                        kind,
                        reducer,
                        options.auditEvery(),
                        options.auditListener(),
                        () -> latest,
                        () -> freshness.stale() == null && failure == null);
        ViewFile.Restored<T> restored = file == null ? null : file.load();
        this.cut = restored == null ? NodeSet.empty() : restored.cut();
        this.restoredFrom = restored == null ? null : restored.savedAt();
    }

    void start() {
        watch.start();
        Subscription subscribed = registryContext.backend().onConnection(catchUp::connectionChanged);
        boolean late;
        synchronized (lock) {
            connection = subscribed;
            late = closed;
        }
        if (late) {
            subscribed.close();
        } else if (auditor != null) {
            auditor.start();
        }
    }

    // --- Reading

    /** The kind. */
    public String kind() {
        return kind;
    }

    /** The node with this id, or null. Neither locks nor allocates. */
    public @Nullable Node<T> get(String nodeId) {
        return cut.get(nodeId);
    }

    /** All of the present state together: the nodes as of one revision, unchanged by what comes later. */
    public NodeSet<T> nodes() {
        return cut;
    }

    /** What is in the kind's directory and is not a node, sorted by key. */
    public List<UnreadableEntry> unreadable() {
        return cut.unreadable();
    }

    /**
     * The store revision at which the present state is exact; 0 if nothing has come yet. It never shrinks, unless the store itself has gone back, to a
     * backup perhaps; the view then is filled anew.
     */
    public long revision() {
        return cut.revision();
    }

    /** Completes when the view has been filled for the first time; with an exception if it or the backend is closed before. */
    public CompletableFuture<Void> ready() {
        return Futures.map(ready, nothing -> nothing);
    }

    /**
     * Waits until the view has been filled for the first time; blocks.
     *
     * @throws KvException if that takes longer than {@code atMost}, which then says what the view waits for, or if it or the backend is closed before
     */
    public void awaitReady(Duration atMost) throws InterruptedException {
        registryContext.await(
                ready,
                atMost,
                registryContext.context(
                        "view", registryContext.keys().records(kind).path()),
                Outcome.NOT_APPLIED,
                () -> "for the view to be filled" + freshness.why(),
                freshness::lastFailure);
    }

    /**
     * Since when the view may be behind, by the wall clock: since the connection was lost, since its watch was refused, or since it was opened if it
     * has not been filled. Empty while it follows the store; then it is behind by no more than the time that a change takes to travel.
     */
    public Optional<Instant> staleSince() {
        Freshness.Stale now = freshness.stale();
        return now == null ? Optional.empty() : Optional.of(now.since());
    }

    /** Why the view last stopped following the store, or has not begun to: access denied, no connection; empty if that has not happened. */
    public Optional<KvException> lastFailure() {
        return Optional.ofNullable(freshness.lastFailure());
    }

    /** How long the view may have been behind, by the monotonic clock; zero while it follows the store. */
    public Duration age() {
        return freshness.age();
    }

    /**
     * When the state was saved that the view shows because the store has not been heard of yet, by the wall clock then; empty once it shows what the
     * store has, or if there was no {@linkplain ViewOptions.Builder#file file}. Its {@link #revision()} is 0 as long.
     */
    public Optional<Instant> restoredFrom() {
        // By the cut itself, so that it is empty from the moment at which the view shows what the store has.
        return cut.fillings() == 0 ? Optional.ofNullable(restoredFrom) : Optional.empty();
    }

    /**
     * Since when the view shows nodes that the store says are gone or dead, by the wall clock; empty if it does not. See {@link
     * ViewOptions.Builder#protectEmpty}.
     */
    public Optional<Instant> protectedSince() {
        return Optional.ofNullable(guard.since());
    }

    /** Why the view will never follow the store again, it or the backend was closed, or empty. It keeps what it has. */
    public Optional<KvException> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Waits until the view has what was written at {@code revision}: whoever has written a node and waits for the revision of that finds it
     * here. A write elsewhere in the store moves this view on too, though it takes a look at the store after a moment. While the view is {@linkplain
     * #protectedSince() protected} against an empty set, what it has may not be what it shows.
     *
     * @return completes on a thread of the registry's when the view has what the store had at this revision or a later one; with a {@link KvException} if the view is
     *     closed, or cannot go on, before. Has no timeout of its own; see {@link CompletableFuture#orTimeout}
     */
    public CompletableFuture<Void> awaitRevision(long revision) {
        if (revision < 0) {
            throw new IllegalArgumentException("A revision is never negative, but this one is " + revision + ".");
        }
        CompletableFuture<Void> future = new CompletableFuture<>();
        KvException ended;
        synchronized (lock) {
            ended = failure;
            if (latest.revision() >= revision && latest.fillings() > 0) {
                ended = null;
                future.complete(null);
            } else if (ended == null) {
                awaiters.add(revision, future);
                refresh.armSoon();
            }
        }
        if (ended != null) {
            future.completeExceptionally(ended);
        }
        return future;
    }

    /**
     * Tells {@code listener} what is there, as nodes that have joined, and from then on what changes, until the subscription or the view is closed: one
     * update at a time, in order, on a thread of the registry's for user code. While it runs, what happens is merged into one update, so that a slow
     * listener delays nobody and owes nothing but the difference; when it is told of an update, the view may be further already.
     */
    public Subscription listen(Consumer<? super ViewUpdate<T>> listener) {
        requireNonNull(listener, "listener");
        ViewFeed<T> feed = new ViewFeed<>(listener, this::nodes, registryContext.callbacks(), feeds::remove);
        feeds.add(feed);
        feed.signal();
        return feed;
    }

    // --- News

    private final class Follower implements ViewWatch.Listener {
        @Override
        public void onSignal(WatchSignal signal) {
            accept(signal, signal instanceof Snapshot, () -> true);
        }

        @Override
        public void onFilled(Snapshot state) {
            accept(state, true, watch::isRunning);
        }

        @Override
        public void onRewound() {
            synchronized (lock) {
                latest = latest.forgotten();
            }
        }

        @Override
        public void onUnfilled(KvException cause) {
            synchronized (lock) {
                if (failure == null) {
                    freshness.fail(registryContext.time().instant(), cause, false);
                }
            }
        }

        @Override
        public void onInterrupted(KvException cause) {
            synchronized (lock) {
                if (failure == null) {
                    freshness.fail(registryContext.time().instant(), cause, true);
                }
            }
        }

        @Override
        public void onEnd(KvException cause) {
            end(cause);
        }
    }

    /** A look at the store on behalf of those who await a revision. */
    @SuppressWarnings("ReferenceEquality") // Whether it is still the very state that was compared.
    private void looked(KindReads.Listed listed) {
        if (listed.isCut()) {
            accept(listed.asOne(), false, () -> false);
            return;
        }
        // Lists of several revisions make no cut, but if nothing in them is new, the view has what they have.
        NodeSet<T> now = latest;
        NodeSet<T> found = reducer.apply(NodeSet.empty(), reducer.prepare(listed.asOne(), now), true);
        List<CompletableFuture<Void>> reached;
        synchronized (lock) {
            reached = now == latest && now.fillings() > 0 && ViewReducer.isSame(now, found)
                    ? awaiters.take(listed.revision())
                    : List.of();
        }
        complete(reached);
    }

    /**
     * Shows what is new.
     *
     * @param filling whether it is the whole state, after which nothing of an earlier one counts
     * @param following whether the watch tells what comes after it
     */
    private void accept(WatchSignal signal, boolean filling, BooleanSupplier following) {
        ViewReducer.Prepared<T> prepared = reducer.prepare(signal, latest);
        List<CompletableFuture<Void>> reached;
        NodeSet<T> before;
        NodeSet<T> shown;
        synchronized (lock) {
            before = latest;
            shown = cut;
            latest = reducer.apply(before, prepared, filling || before.fillings() == 0);
            cut = guard.choose(cut, latest);
            reached = awaiters.take(latest.revision());
            // Before anybody is told that the view is ready: then it is not stale.
            if (filling && failure == null && following.getAsBoolean()) {
                freshness.filled();
            }
        }
        complete(reached);
        if (before.fillings() == 0) {
            registryContext.callbacks().execute(() -> ready.complete(null));
        }
        showsNow(shown);
    }

    /** The guard has kept it back long enough. */
    private void showLatest() {
        NodeSet<T> shown;
        synchronized (lock) {
            shown = cut;
            cut = guard.choose(cut, latest);
        }
        showsNow(shown);
    }

    private void showsNow(NodeSet<T> before) {
        feeds.forEach(ViewFeed::signal);
        NodeSet<T> now = cut;
        if (file != null && (now.slots() != before.slots() || now.fillings() != before.fillings())) {
            file.changed();
        }
    }

    private void complete(List<CompletableFuture<Void>> reached) {
        if (!reached.isEmpty()) {
            registryContext.callbacks().execute(() -> reached.forEach(future -> future.complete(null)));
        }
    }

    // --- The end

    private void end(KvException cause) {
        List<CompletableFuture<Void>> abandoned;
        synchronized (lock) {
            if (failure != null) {
                return;
            }
            failure = cause;
            freshness.fail(registryContext.time().instant(), cause, true);
            refresh.stop();
            abandoned = awaiters.take(null);
        }
        abandoned.forEach(future -> future.completeExceptionally(cause));
        ready.completeExceptionally(cause);
    }

    /**
     * Ends the view: it keeps what it has and follows no more; whoever awaits a revision gets a {@link KvException}. Never blocks: a file is written
     * soon after, and closing the registry waits for that. Has no effect when called again.
     */
    @Override
    public void close() {
        Subscription subscribed;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            subscribed = connection;
            guard.stop();
        }
        end(new KvException(
                registryContext.context(
                        "view", registryContext.keys().records(kind).path()),
                Outcome.NOT_APPLIED,
                false,
                "the view was closed",
                null));
        watch.close();
        if (subscribed != null) {
            subscribed.close();
        }
        if (auditor != null) {
            auditor.close();
        }
        feeds.forEach(ViewFeed::close);
        // The registry has to know it as long as there is something to wait for.
        if (file == null) {
            written.complete(null);
        } else {
            file.close().thenRun(() -> written.complete(null));
        }
        written.thenRun(() -> onClose.accept(this));
    }

    /** Begins to close, without waiting; the future completes when the last state is in the file. */
    CompletableFuture<Void> beginClose() {
        close();
        return written;
    }

    /** The kind, the number of nodes and the revision. */
    @Override
    public String toString() {
        NodeSet<T> now = cut;
        return Printable.line("NodeView[" + kind + ", " + now.size() + " nodes, revision " + now.revision() + "]");
    }
}
