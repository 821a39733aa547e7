package dev.rollcall.console;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.support.SystemTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page that shows what is in a store, live: its nodes and what becomes of them, its keys, its locks and elections, and the store itself. It works on every
 * backend, as it knows the contract only, and it costs the store the same however many browsers look: one view of each kind of nodes, one watch of the keys,
 * one read every two seconds.
 *
 * <pre>{@code
 * try (Console console = Console.start(backend, ConsoleOptions.defaults())) {
 *     System.out.println("Open " + console.url());
 *     …
 * }
 * }</pre>
 *
 * <p>Unless {@linkplain ConsoleOptions told otherwise} it listens on loopback only, and changes nothing.
 *
 * <p>Safe for use by several threads.
 */
/* Concurrency: what is shown is confined to one thread, to which the store's threads and the server's hand what they have. closed is atomic. */
public final class Console implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    /** As often as a browser is told, so that many changes cost one event. */
    private static final Duration TICK = Duration.ofMillis(250);

    private static final Duration SAMPLE = Duration.ofSeconds(2);

    private final KvBackend backend;
    private final boolean ownsBackend;
    private final SystemTime time;
    private final ScheduledExecutorService thread;
    private final WebServer server;
    private final NodeBoards nodes;
    private final KeyBoard keys;
    private final QueueBoard queues;
    private final StoreBoard store;
    private final Broadcaster broadcaster;
    private final OwnerRequests requests;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Console(KvBackend backend, boolean ownsBackend, ConsoleOptions options) {
        this.backend = backend;
        this.ownsBackend = ownsBackend;
        this.time = new SystemTime("rollcall-console-timer");
        this.thread = thread();
        Directory first = options.directories().get(0);
        this.broadcaster = new Broadcaster();
        this.nodes = new NodeBoards(backend, options.registries(), thread, time::instant, broadcaster::add);
        this.queues = new QueueBoard(backend, thread);
        this.keys = new KeyBoard(backend, options.directories(), thread, new Discovery());
        this.store = new StoreBoard(backend, first, options.areChangesAllowed(), thread, time::instant);
        this.requests = new OwnerRequests(nodes, thread);
        broadcaster.add("kinds", nodes);
        broadcaster.add("keys", keys);
        broadcaster.add("queues", queues);
        broadcaster.add("store", store);
        this.server = new WebServer(options);
        try {
            server.bind();
            AccessControl access = new AccessControl(
                    options.hosts(), options.token(), address().getPort(), server.isSecure());
            Api api = new Api(backend, options, nodes, keys, new Edits(backend, first), requests, broadcaster, thread);
            server.start(new ConsoleHandler(access, api));
        } catch (RuntimeException e) {
            // The caller keeps the backend, as there is no console to close it.
            stop();
            throw e;
        }
        thread.execute(keys::load);
        every(TICK, this::tick);
        every(SAMPLE, store::sample);
    }

    /**
     * Starts a console on a store; does not wait for the store. The backend stays open when the console is closed.
     *
     * @throws IllegalArgumentException if the certificate or key is of no use
     * @throws java.io.UncheckedIOException if the address cannot be listened on
     */
    public static Console start(KvBackend backend, ConsoleOptions options) {
        return started(new Console(requireNonNull(backend, "backend"), false, requireNonNull(options, "options")));
    }

    /**
     * Starts a console on the store that a URL names, which is closed with it.
     *
     * @throws IllegalArgumentException as {@link KvBackends#open(String)}, or if the certificate or key is of no use
     * @throws java.io.UncheckedIOException if the address cannot be listened on
     */
    public static Console start(String url, ConsoleOptions options) {
        requireNonNull(options, "options");
        KvBackend backend = KvBackends.open(url);
        try {
            return started(new Console(backend, true, options));
        } catch (RuntimeException | Error e) {
            backend.close();
            throw e;
        }
    }

    private static Console started(Console console) {
        LOG.info("The console of {} is at {}.", console.backend.name(), console.url());
        return console;
    }

    private static ScheduledExecutorService thread() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(null, task, "rollcall-console", 0, false);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // What comes after the end, from the store, is for nobody.
        executor.setRejectedExecutionHandler((task, pool) -> {});
        return Executors.unconfigurableScheduledExecutorService(executor);
    }

    private void every(Duration period, Runnable task) {
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        // The next time may go better; without this there would be none.
                        LOG.error("A step of the console has failed.", e);
                    }
                },
                period.toNanos(),
                period.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void tick() {
        queues.refresh();
        broadcaster.tick();
    }

    /** Finds nodes and queues among the keys. */
    private final class Discovery implements KeyIndex.Observer {
        @Override
        public void onLoaded(KeyIndex index) {
            queues.reloaded(index.directory());
            for (String path : index.below(index.directory())) {
                nodes.seen(path);
                queues.seen(path);
            }
        }

        @Override
        public void onChange(Change change) {
            String path = change.key().path();
            nodes.seen(path);
            queues.seen(path);
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** Where a browser on this machine finds it; without the token, which its user has to know. */
    public URI url() {
        InetSocketAddress address = address();
        InetAddress at = address.getAddress();
        String host = at.isAnyLocalAddress() ? "localhost" : at.getHostAddress();
        return URI.create((server.isSecure() ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host)
                + ":" + address.getPort() + "/");
    }

    /** Ends it: browsers are let go, and what it followed is followed no more. Has no effect when called again. */
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            stop();
            LOG.info("The console of {} has ended.", backend.name());
            if (ownsBackend) {
                backend.close();
            }
        }
    }

    private void stop() {
        thread.execute(() -> {
            broadcaster.close();
            keys.close();
            nodes.close();
            store.close();
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
        requests.close();
        server.close();
        time.close();
    }
}
