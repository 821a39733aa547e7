package dev.rollcall.registry;

import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.kv.support.HandleThreads;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shared by all components of one registry: the store, the clock, the callback threads, and the watches on the store. */
final class RegistryContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private final KvBackend backend;
    private final NodeKeys keys;
    private final HandleThreads threads;
    private final Duration requestTimeout;
    private final Map<Directory, Feed> feeds = new ConcurrentHashMap<>();

    /** What follows one directory; stays when nobody does any more, without a watch then. */
    private record Feed(SharedWatch watch, KeyTracker tracker) {}

    RegistryContext(KvBackend backend, NodeKeys keys, @Nullable TimeSource time, Duration requestTimeout) {
        this.backend = backend;
        this.keys = keys;
        this.threads = time == null ? HandleThreads.open("registry") : HandleThreads.open("registry", time);
        this.requestTimeout = requestTimeout;
    }

    KvBackend backend() {
        return backend;
    }

    NodeKeys keys() {
        return keys;
    }

    TimeSource time() {
        return threads.time();
    }

    Duration requestTimeout() {
        return requestTimeout;
    }

    Executor callbacks() {
        return threads.callbacks();
    }

    /** The watch that has all of a kind. */
    SharedWatch watch(String kind) {
        return feed(kind).watch();
    }

    /** What tells registrations of a kind about their keys. */
    KeyTracker tracker(String kind) {
        return feed(kind).tracker();
    }

    private Feed feed(String kind) {
        return feeds.computeIfAbsent(keys.scope(kind), directory -> {
            SharedWatch watch = new SharedWatch(this, directory, keys.probe(kind));
            return new Feed(watch, new KeyTracker(this, watch));
        });
    }

    KvException.Context context(String operation, String path) {
        return new KvException.Context(backend.name(), operation, path);
    }

    /**
     * Waits for {@code done} as long as a request may take. An interrupt does not cut it short, since what was begun is to be sent still; the thread
     * is left interrupted.
     */
    void awaitQuietly(CompletableFuture<Void> done) {
        CompletableFuture<Void> waiter = Futures.map(done, nothing -> nothing);
        boolean interrupted = false;
        Subscription timer = time().schedule(requestTimeout, () -> waiter.complete(null));
        try {
            while (true) {
                try {
                    Futures.await(waiter);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            timer.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits for {@code future}.
     *
     * @param what for what, a phrase that begins with {@code for}
     * @throws KvException if it fails, or is not done after {@code atMost}; from the calling thread, so that its frames are in the stack trace
     */
    <R> R await(
            CompletableFuture<R> future,
            Duration atMost,
            KvException.Context context,
            Outcome outcome,
            Supplier<String> what,
            Supplier<@Nullable KvException> cause)
            throws InterruptedException {
        Durations.check("time to wait", atMost);
        CompletableFuture<Boolean> waiter = new CompletableFuture<>();
        future.whenComplete((result, failure) -> waiter.complete(true));
        Subscription timer = time().schedule(atMost, () -> waiter.complete(false));
        try {
            if (Futures.await(waiter)) {
                return Futures.await(future);
            }
        } finally {
            timer.close();
        }
        KvException last = cause.get();
        throw new DeadlineExceededException(context, outcome, atMost, "waiting " + what.get(), last);
    }

    void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("'{}' could not be closed.", Printable.line(resource.toString()), e);
        }
    }

    @Override
    public void close() {
        feeds.values().forEach(feed -> {
            feed.tracker().close();
            feed.watch().close();
        });
        threads.close();
    }
}
