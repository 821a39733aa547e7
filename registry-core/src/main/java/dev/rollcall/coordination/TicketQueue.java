package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.Backoff;
import dev.rollcall.kv.support.SerialLane;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one lock or election: leased entries directly below a directory, in order of the revisions that created them. No entry is written twice, so
 * the order never changes, and the first entry stays first until it goes. Each creation also writes the key {@code turns} beside the entries, so that no
 * two revisions are the same; that key is under the lease of the latest entry, so that nothing stays when the last candidate has left.
 *
 * <p>One watch is kept for all places of this process, however many wait and however long: a change costs each process the one event, and
 * nobody lists or writes because of it. Entries of other names, deeper ones and those without a lease are not part of the queue.
 */
/*
 * Concurrency: everything that changes is confined to lane. Operations, timers, leases and the watch only queue tasks on it; what belongs to users,
 * listeners and continuations, runs on callbacks.
 */
final class TicketQueue {
    private static final Logger LOG = LoggerFactory.getLogger(TicketQueue.class);
    private static final String TURNS = "turns";

    private final KvBackend backend;
    private final Directory directory;
    /** Its path, for logs. */
    private final String shown;

    private final CoordinationOptions options;
    private final Consumer<@Nullable KeyValue> onFirst;
    private final SharedThreads threads;
    private final SerialLane lane;
    private final Backoff backoff;
    private final Map<Key, Ticket> tickets = new HashMap<>();
    private final Set<Ticket> impatient = new HashSet<>();
    private final Set<CompletableFuture<Void>> leaving = new HashSet<>();
    private final Map<Key, KeyValue> entries = new HashMap<>();
    private final NavigableSet<KeyValue> order = new TreeSet<>(TurnQueue.ORDER);
    private long revision;
    private @Nullable KeyValue first;
    private @Nullable Follower follower;
    private @Nullable Subscription restart;
    private boolean watchFailed;
    private boolean closed;

    /** {@code onFirst} is told on the lane when another entry, or none, has become the first. */
    TicketQueue(
            KvBackend backend, Directory directory, CoordinationOptions options, Consumer<@Nullable KeyValue> onFirst) {
        this.backend = requireNonNull(backend, "backend");
        this.directory = requireNonNull(directory, "directory");
        this.shown = Printable.line(directory.path());
        this.options = requireNonNull(options, "options");
        this.onFirst = onFirst;
        // Too long a directory shall be refused now and not with the first place.
        directory.key(TurnQueue.nameOf(new UUID(0, 0)));
        this.threads = SharedThreads.of(backend, options.time());
        this.lane = new SerialLane(threads.callbacks());
        this.backoff = new Backoff(options.firstPause(), options.longestPause(), new SplittableRandom());
    }

    KvBackend backend() {
        return backend;
    }

    Directory directory() {
        return directory;
    }

    /** The directory's path, for logs. */
    String shown() {
        return shown;
    }

    /** What everybody who joins writes to, in the same transaction. */
    Key turns() {
        return directory.key(TURNS);
    }

    CoordinationOptions options() {
        return options;
    }

    Executor callbacks() {
        return threads.callbacks();
    }

    /** The value of a place that {@code owner} asks for now. */
    Bytes recordOf(String owner) {
        return TicketRecord.of(owner, threads.time().instant()).toBytes();
    }

    /** Runs {@code task} on the lane. */
    void execute(Runnable task) {
        lane.execute(task);
    }

    KvException.Context context(String operation) {
        return KvException.Context.of(backend.name(), operation, directory);
    }

    KvException closedException(String operation, String what) {
        return new KvException(context(operation), Outcome.NOT_APPLIED, false, what + " was closed", null);
    }

    Condition guardedBy(FencingToken token) {
        if (!token.entry().parent().equals(directory)) {
            throw new IllegalArgumentException(
                    "The token is of '" + token.entry().parent() + "' and says nothing about '" + directory + "'.");
        }
        return token.condition();
    }

    // --- On the lane

    /** Takes a place at the end. */
    Ticket join(Bytes value, Ticket.Owner owner) {
        follow();
        Ticket ticket = new Ticket(this, directory.key(TurnQueue.nameOf(UUID.randomUUID())), value, owner);
        tickets.put(ticket.key(), ticket);
        ticket.grant();
        return ticket;
    }

    void left(Ticket ticket, CompletableFuture<Void> confirmed) {
        tickets.remove(ticket.key());
        impatient.remove(ticket);
        if (!confirmed.isDone()) {
            leaving.add(confirmed);
            confirmed.whenComplete((nothing, failure) -> lane.execute(() -> leaving.remove(confirmed)));
        }
    }

    /** Starts an operation, and goes on with its result, or with what kept it from being started, on the lane. */
    <R> void start(Supplier<CompletableFuture<R>> operation, BiConsumer<@Nullable R, @Nullable Throwable> then) {
        CompletableFuture<R> started;
        try {
            started = operation.get();
        } catch (RuntimeException | Error e) {
            started = CompletableFuture.failedFuture(e);
        }
        started.whenComplete((result, failure) ->
                lane.execute(() -> then.accept(result, failure == null ? null : Futures.unwrap(failure))));
    }

    /** Completes what a user may have a continuation on. */
    void complete(CompletableFuture<Void> future, @Nullable Throwable failure) {
        threads.callbacks().execute(() -> {
            if (failure == null) {
                future.complete(null);
            } else {
                future.completeExceptionally(Futures.unwrap(failure));
            }
        });
    }

    /** Runs {@code task} on the lane after a random pause, which is longer the more often there was one lately. */
    Subscription pause(Runnable task) {
        return schedule(backoff.next(), () -> lane.execute(task));
    }

    /** Something went well. */
    void calm() {
        backoff.reset();
    }

    Subscription schedule(Duration delay, Runnable task) {
        return threads.time().schedule(delay, task);
    }

    /** Compares what is known of the queue with what {@code ticket} knows of itself. */
    void look(Ticket ticket) {
        ticket.seen(entries.get(ticket.key()), revision);
        tellFirst();
        tellBehind();
    }

    /** From now on {@code ticket} is told {@linkplain Ticket.Owner#behind once} that another is before it. */
    void tellIfBehind(Ticket ticket) {
        impatient.add(ticket);
        tellBehind();
    }

    /** A place is behind another if a cut of the store that has its own entry begins with another's. */
    private void tellBehind() {
        for (Ticket each : List.copyOf(impatient)) {
            KeyValue own = entries.get(each.key());
            if (first != null && own != null && !first.key().equals(own.key()) && each.behind()) {
                impatient.remove(each);
            }
        }
    }

    private void tellFirst() {
        KeyValue now = order.isEmpty() ? null : order.first();
        if (!Objects.equals(now, first)) {
            first = now;
            onFirst.accept(now);
        }
        Ticket ours = now == null ? null : tickets.get(now.key());
        if (now != null && ours != null) {
            ours.first(now.revision());
        }
    }

    // --- The watch

    /** Sees to it that the queue is followed. */
    void follow() {
        if (follower == null && restart == null && !closed) {
            Follower next = new Follower();
            follower = next;
            try {
                next.watch = backend.watch(directory, WatchStart.snapshot(), next);
            } catch (RuntimeException e) {
                ended(next, notWatched(e));
            }
        }
    }

    private KvException notWatched(RuntimeException e) {
        return e instanceof KvException known
                ? known
                : new KvException(context("watch"), Outcome.NOT_APPLIED, false, "the watch was refused: " + e, e);
    }

    private void accept(Follower from, WatchSignal signal) {
        if (from != follower) {
            return;
        }
        if (watchFailed) {
            LOG.info("'{}' is watched again.", shown);
            watchFailed = false;
        }
        if (signal instanceof Snapshot snapshot) {
            entries.clear();
            order.clear();
            snapshot.entries().forEach(this::put);
            revision = snapshot.revision();
            List.copyOf(tickets.values()).forEach(ticket -> ticket.seen(entries.get(ticket.key()), revision));
        } else if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                KeyValue before = entries.remove(change.key());
                if (before != null) {
                    order.remove(before);
                }
                if (change instanceof Change.Put put) {
                    put(put.entry());
                }
            }
            revision = changes.revision();
            for (Change change : changes.changes()) {
                Ticket ours = tickets.get(change.key());
                if (ours != null) {
                    ours.seen(entries.get(change.key()), revision);
                }
            }
        }
        tellFirst();
        tellBehind();
    }

    private void put(KeyValue entry) {
        if (belongs(entry)) {
            entries.put(entry.key(), entry);
            order.add(entry);
        }
    }

    /** Whether an entry below the directory is a place in this queue. */
    private boolean belongs(KeyValue entry) {
        return TurnQueue.isPlace(entry) && entry.key().parent().equals(directory);
    }

    /** The first of the queue in a list of the directory, or null. */
    @Nullable
    KeyValue firstOf(Snapshot snapshot) {
        KeyValue least = null;
        for (KeyValue entry : snapshot.entries()) {
            if (belongs(entry) && (least == null || TurnQueue.ORDER.compare(entry, least) < 0)) {
                least = entry;
            }
        }
        return least;
    }

    private void ended(Follower ended, @Nullable KvException cause) {
        if (ended != follower || closed) {
            return;
        }
        follower = null;
        if (cause == null) {
            return;
        }
        List.copyOf(tickets.values()).forEach(ticket -> ticket.unwatched(cause));
        if (cause instanceof BackendClosedException) {
            forget();
        } else {
            if (!watchFailed) {
                LOG.warn("The watch on '{}' has ended and is started anew: {}", shown, cause.getMessage());
            }
            LOG.debug("The watch on '{}' has ended.", shown, cause);
            watchFailed = true;
            restart = pause(() -> {
                restart = null;
                follow();
            });
        }
    }

    private final class Follower implements WatchListener {
        /** Confined to lane. */
        private @Nullable Watch watch;

        @Override
        public void onSignal(WatchSignal signal) {
            lane.execute(() -> accept(this, signal));
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            lane.execute(() -> ended(this, cause));
        }
    }

    // --- The end

    /** Nothing is known any more, now that nobody follows, and nobody shall take what was for what is. */
    private void forget() {
        entries.clear();
        order.clear();
        tellFirst();
    }

    /** Stops following, after all places were left; the future completes when the store has confirmed those, or could not. */
    CompletableFuture<Void> close() {
        closed = true;
        forget();
        if (follower != null && follower.watch != null) {
            follower.watch.close();
        }
        follower = null;
        if (restart != null) {
            restart.close();
        }
        return CompletableFuture.allOf(leaving.toArray(CompletableFuture<?>[]::new));
    }

    /**
     * Waits for {@code done}, however it ends, at most for the close timeout. An interrupt does not cut it short, since what was begun is to be sent still; the
     * thread is left interrupted.
     */
    void awaitQuietly(CompletableFuture<Void> done) {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        done.whenComplete((nothing, failure) -> waiter.complete(null));
        // A timer of ours may have ended, with the queue that this belongs to.
        boolean machineTime = options.time() == null;
        Subscription timer = machineTime ? () -> {} : schedule(options.closeTimeout(), () -> waiter.complete(null));
        long end = System.nanoTime() + options.closeTimeout().toNanos();
        boolean interrupted = false;
        while (!waiter.isDone()) {
            try {
                if (machineTime) {
                    Futures.await(waiter, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
                } else {
                    Futures.await(waiter);
                }
            } catch (TimeoutException e) {
                LOG.debug("The store has not confirmed within {} that '{}' was left.", options.closeTimeout(), shown);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        timer.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the threads end once they have done what they were given. */
    void closeThreads() {
        threads.release();
    }
}
