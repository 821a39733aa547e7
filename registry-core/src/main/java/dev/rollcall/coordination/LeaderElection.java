package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.SerialLane;
import dev.rollcall.kv.support.UserCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The election of one leader at a time among all candidates of the same directory of the same store.
 *
 * <p>Candidates lead in store order. Each is a leased entry in the directory, so a leader that dies, or is disconnected or paused for longer than the ttl,
 * loses the leadership, by its own clock before the next one can have it. Its own clock is no proof, however: {@linkplain FencingToken#guard guard} every
 * write that must not happen twice.
 *
 * <p>Who does not stand can still {@linkplain #leader() see} who leads. One object per process is enough; it keeps one watch until it is closed. The
 * backend stays open when the election is closed.
 */
/*
 * Concurrency: candidacies is confined to the queue's own executor. leader is written there, together with what is queued on telling for the followers, and
 * read by anyone; followers is copied on write. closed is atomic.
 */
public final class LeaderElection implements AutoCloseable {
    private final TicketQueue queue;
    private final SerialLane telling;
    private final Set<Candidacy> candidacies = new HashSet<>();
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable Leader leader;

    private LeaderElection(KvBackend backend, Directory directory, CoordinationOptions options) {
        this.queue = new TicketQueue(backend, directory, options, this::changed);
        this.telling = new SerialLane(queue.callbacks());
    }

    /** The election at {@code directory}, with default options, which is watched from now on. */
    public static LeaderElection open(KvBackend backend, Directory directory) {
        return open(backend, directory, CoordinationOptions.defaults());
    }

    /**
     * The election at {@code directory}, which is watched from now on. Does not block.
     *
     * @throws IllegalArgumentException if the directory's path is so long that an entry's key, 43 bytes more, would be refused
     */
    public static LeaderElection open(KvBackend backend, Directory directory, CoordinationOptions options) {
        LeaderElection election = new LeaderElection(backend, directory, options);
        election.queue.execute(election.queue::follow);
        return election;
    }

    /** Where the queue is. */
    public Directory directory() {
        return queue.directory();
    }

    /**
     * Stands for election until the candidacy, or this, is closed; does not block.
     *
     * @param candidateId what {@link Leader#candidateId()} tells others, such as where to reach the leader; need not be unique
     * @throws IllegalArgumentException if {@code candidateId} is empty, has half a surrogate pair, or more than 64 KiB of UTF-8
     * @throws IllegalStateException if this was closed
     */
    public Candidacy join(String candidateId, CandidateListener listener) {
        requireNonNull(listener, "listener");
        CoordinationOptions.checkOwner("candidate's id", candidateId);
        checkOpen();
        Candidacy candidacy = new Candidacy(queue, candidateId, listener, candidacies::remove);
        queue.execute(() -> {
            if (closed.get()) {
                candidacy.beginClose();
            } else {
                candidacies.add(candidacy);
                candidacy.join();
            }
        });
        return candidacy;
    }

    /**
     * Who leads as far as is known here; empty if nobody does, before the store has answered for the first time, and once this or the backend
     * is closed. While the store is away, who led last.
     */
    public Optional<Leader> leader() {
        return Optional.ofNullable(leader);
    }

    /** Who leads, by the store's own word: linearizable. Fails with a {@link dev.rollcall.kv.KvException} if the store cannot be asked. */
    public CompletableFuture<Optional<Leader>> readLeader() {
        checkOpen();
        return Futures.map(
                queue.backend().list(queue.directory()),
                snapshot -> Optional.ofNullable(queue.firstOf(snapshot)).map(Leader::of));
    }

    /**
     * Tells {@code listener} who leads now and whenever that changes, empty if nobody does, until the subscription is closed: one at a time, in order, on a
     * thread for user code; leaders in between may be skipped. When this or the backend is closed it is told a last time, that nobody is known to lead.
     */
    public Subscription onLeader(Consumer<? super Optional<Leader>> listener) {
        Follower follower = new Follower(requireNonNull(listener, "listener"));
        checkOpen();
        queue.execute(() -> {
            Leader now = leader;
            followers.add(follower);
            telling.execute(() -> follower.tell(now));
        });
        return () -> {
            follower.closed = true;
            queue.execute(() -> followers.remove(follower));
        };
    }

    /**
     * What holds as long as the term of {@code token} lasts.
     *
     * @throws IllegalArgumentException if the token is of another election
     */
    public Condition guardedBy(FencingToken token) {
        return queue.guardedBy(token);
    }

    private void changed(@Nullable KeyValue first) {
        Leader now = first == null ? null : Leader.of(first);
        leader = now;
        List<Follower> told = List.copyOf(followers);
        telling.execute(() -> told.forEach(follower -> follower.tell(now)));
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("The election '" + directory() + "' has been closed.");
        }
    }

    /**
     * Closes the candidacies and stops watching. Waits until the store has confirmed that, at most for the close timeout; what is not confirmed by
     * then goes after the ttl. An interrupted thread waits as well, and stays interrupted. Has no effect when called again.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.execute(() -> {
            new ArrayList<>(candidacies).forEach(Candidacy::beginClose);
            // Tells the followers that nobody is known to lead.
            CompletableFuture<Void> closing = queue.close();
            telling.execute(() -> followers.forEach(follower -> follower.closed = true));
            closing.whenComplete((nothing, failure) -> done.complete(null));
        });
        queue.awaitQuietly(done);
        queue.closeThreads();
    }

    /** The directory, and who leads. */
    @Override
    public String toString() {
        return Printable.line(
                "LeaderElection[" + queue.directory() + " on " + queue.backend().name() + ", led by " + leader + "]");
    }

    private static final class Follower {
        private final Consumer<? super Optional<Leader>> listener;
        private volatile boolean closed;

        Follower(Consumer<? super Optional<Leader>> listener) {
            this.listener = listener;
        }

        void tell(@Nullable Leader leader) {
            if (!closed) {
                UserCode.run(
                        "leader listener", String.valueOf(leader), () -> listener.accept(Optional.ofNullable(leader)));
            }
        }
    }
}
