package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ConnectionTracker;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A handle on etcd: a facade that delegates to its components, and owns their lifecycle. */
final class EtcdBackend implements KvBackend {
    private static final Set<Capability> CAPABILITIES = Set.of(Capability.HISTORY, Capability.KEYS_BELOW_LEASED_KEYS);

    private static final Duration STEP = Duration.ofMillis(2);
    private static final int MOST_PATIENT_STEPS = 500;

    /*
     * Concurrency: the parts are set once; those that change with the connection run on the loop alone, the others are
     * safe by themselves. closed decides which of several calls of close() does the work.
     */
    private final EtcdContext handle;
    private final ConnectionTracker tracker;
    private final MemberSelector members;
    private final ConnectionEvents connectionEvents;
    private final Operations operations;
    private final WatchDispatcher watchDispatcher;
    private final Leases leases;
    private final EtcdDiagnoser diagnoser;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EtcdBackend(
            EtcdOptions options,
            @Nullable TlsContexts tls,
            Endpoint.Resolver resolver,
            IoLoop loop,
            HandleThreads threads) {
        Tokens tokens = new Tokens(loop, threads.callbacks(), options.credentials(), options.timeout());
        DirectCall direct = new DirectCall(loop, tokens);
        KeySpace keys = new KeySpace(options.prefix());
        EtcdRewindDetector memory = new EtcdRewindDetector(keys);
        MemberConnection.Setup setup =
                new MemberConnection.Setup(loop, threads.callbacks(), tls, options.connecting(), resolver);
        Probe probe = new Probe(direct, setup, options, memory);
        this.members = new MemberSelector(loop, setup, options, probe);
        EtcdTransport transport = new EtcdTransport(loop, tokens, options.timeout());
        this.handle = new EtcdContext(
                options.name(),
                loop,
                threads,
                new PendingCalls(options.timeout(), threads.time(), threads.callbacks()),
                tokens,
                direct,
                new RequestDispatcher(loop, tokens, transport, members, options.timeout(), options.batching()),
                keys,
                new EntrySizes(),
                memory);
        this.tracker = new ConnectionTracker(threads.time(), threads.callbacks());
        WatchStreams watches = new WatchStreams(handle, members);
        this.leases = new Leases(handle, members, options.timeout());
        this.watchDispatcher = new WatchDispatcher(handle, watches);
        this.operations = new Operations(handle, leases);
        this.diagnoser = new EtcdDiagnoser(handle, setup, members, probe, options);
        this.connectionEvents = new ConnectionEvents(handle, tracker, watches, watchDispatcher, leases);
    }

    /**
     * Opens a handle and does not wait for etcd.
     *
     * @throws IllegalArgumentException naming a file that cannot be used
     */
    static EtcdBackend open(EtcdOptions options) {
        Credentials credentials = options.credentials();
        if (credentials != null) {
            // For its refusal only: the password of each login is read when it is sent.
            credentials.password();
        }
        TlsContexts tls = options.openTls();
        return open(options, tls, InetAddress::getAllByName, new IoLoop(), HandleThreads.open("etcd"));
    }

    /** @param loop and {@code threads} are the handle's own, and end with it, or if this fails */
    static EtcdBackend open(
            EtcdOptions options,
            @Nullable TlsContexts tls,
            Endpoint.Resolver resolver,
            IoLoop loop,
            HandleThreads threads) {
        try {
            EtcdBackend backend = new EtcdBackend(options, tls, resolver, loop, threads);
            loop.onCrash(backend.members::crashed, backend::close);
            loop.execute(() -> backend.members.open(backend.connectionEvents));
            return backend;
        } catch (RuntimeException | Error e) {
            // There may be no memory for another thread, which the loop needs to end as well.
            threads.close();
            try {
                loop.close();
            } catch (RuntimeException | Error closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    @Override
    public String name() {
        return handle.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Limits limits() {
        return Leases.LIMITS;
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return operations.get(requireNonNull(key, "key"), requireNonNull(consistency, "consistency"));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return operations.list(requireNonNull(directory, "directory"), requireNonNull(consistency, "consistency"));
    }

    @Override
    public CompletableFuture<KeyListing> keys(Directory directory) {
        return operations.keys(requireNonNull(directory, "directory"));
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        return operations.commit(requireNonNull(txn, "txn"));
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        return watchDispatcher.watch(
                requireNonNull(directory, "directory"),
                requireNonNull(start, "start"),
                requireNonNull(listener, "listener"));
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        return leases.grant(limits().clamp(requireNonNull(ttl, "ttl")));
    }

    @Override
    public ConnectionStatus connection() {
        return tracker.status();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return tracker.subscribe(requireNonNull(listener, "listener"));
    }

    @Override
    public CompletableFuture<Diagnosis> diagnose() {
        return diagnoser.diagnose();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        handle.calls().close();
        watchDispatcher.close();
        leases.close();
        tracker.closed();
        boolean alive = handle.loop().execute(() -> {
            try {
                diagnoser.close();
                members.close();
            } finally {
                letGo(MOST_PATIENT_STEPS);
            }
        });
        if (!alive) {
            handle.threads().close();
        }
    }

    /** Ends the threads, once the channels have ended: one that is being set up would otherwise find its thread gone. */
    private void letGo(int steps) {
        if (steps == 0 || (members.isTerminated() && diagnoser.isTerminated())) {
            handle.threads().close();
            handle.loop().close();
        } else {
            handle.loop().schedule(STEP, () -> letGo(steps - 1));
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
