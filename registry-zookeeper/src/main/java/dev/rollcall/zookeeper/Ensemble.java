package dev.rollcall.zookeeper;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the members are: always the same, or as code of the application says each time it is asked. While that code fails, is slow or names nobody, the members that
 * it named last stay in use. Safe for use by several threads; the sessions of a handle share it.
 */
final class Ensemble {
    /** How long whoever looks for a connection waits for the application's answer; a later one counts from the next round of attempts on. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Ensemble.class);

    /*
     * Concurrency: lock guards question, of which one is under way at a time; known is written by that one alone, on a thread for code of the application and without
     * the lock. failing only decides whether a line is logged.
     */
    private final @Nullable Supplier<List<String>> source;
    private final @Nullable Executor threads;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable CompletableFuture<?> question;
    private volatile List<String> known;
    private volatile boolean failing;

    private Ensemble(
            List<String> known,
            @Nullable Supplier<List<String>> source,
            @Nullable Executor threads,
            Duration patience) {
        this.known = known;
        this.source = source;
        this.threads = threads;
        this.patience = patience;
    }

    /**
     * These, each {@code host} or {@code host:port}.
     *
     * @throws IllegalArgumentException if there are none, or one can never be
     */
    static Ensemble of(List<String> members) {
        return new Ensemble(checked(members), null, null, PATIENCE);
    }

    /**
     * Those that {@code source} names, which is asked at once, on this thread, and later on one of {@code threads}.
     *
     * @param patience how long {@link #ask} waits for an answer
     * @throws IllegalArgumentException if it names nobody now, or somebody who can never be
     */
    static Ensemble of(Supplier<List<String>> source, Executor threads, Duration patience) {
        return new Ensemble(checked(source.get()), source, threads, patience);
    }

    private static List<String> checked(List<String> members) {
        if (members.isEmpty()) {
            throw new IllegalArgumentException(
                    "A store on ZooKeeper needs at least one member, such as localhost:2181.");
        }
        members.forEach(Endpoints::address);
        return List.copyOf(members);
    }

    /** Those that were named last. */
    List<String> known() {
        return known;
    }

    /** Those that the application names now, or named last if it does not answer soon, or has still to answer somebody who asked before. */
    List<String> ask() {
        if (source == null) {
            return known;
        }
        CompletableFuture<?> asked = null;
        lock.lock();
        try {
            if (question == null || question.isDone()) {
                asked = CompletableFuture.runAsync(this::update, requireNonNull(threads));
                question = asked;
            }
        } finally {
            lock.unlock();
        }
        if (asked == null) {
            // Code that hangs holds up one round of attempts, not each.
            return known;
        }
        try {
            asked.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            failed("it has not answered for " + patience);
        } catch (ExecutionException e) {
            // An Error of the application's code; whatever else it throws is dealt with where it is asked.
            failed(String.valueOf(e.getCause()));
        }
        return known;
    }

    /** In whatever order: it says nothing, since each session tries them in one of its own. */
    static boolean areSame(List<String> some, List<String> others) {
        return Set.copyOf(some).equals(Set.copyOf(others));
    }

    private void update() {
        try {
            List<String> now = checked(requireNonNull(source).get());
            if (!areSame(now, known)) {
                LOG.info("The application names the members {} of the ensemble, and no longer {}.", now, known);
                known = now;
            }
            failing = false;
        } catch (RuntimeException e) {
            failed(e.toString());
        }
    }

    /** Said once, until there is an answer again: it is asked each time that no member can be reached. */
    private void failed(String why) {
        if (!failing) {
            LOG.warn("The application could not say who is in the ensemble, so {} stay in use: {}", known, why);
        }
        failing = true;
    }
}
