package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The nodes below a root, such as {@code /tidb-binlog/v1}: a record for each node at {@code root/kind/nodeId}, or where its {@link NodeLayout} says.
 *
 * <p><b>Blocking.</b> Methods that say so wait for the store, at most for the request timeout, and throw {@link KvException} where the store
 * or the way to it fails; {@link KvException#outcome()} tells whether a write may have been applied. Nothing is ever written twice. All of
 * them throw {@link InterruptedException} when the thread is interrupted while waiting; a write's outcome is then unknown.
 *
 * <p><b>Arguments.</b> A kind and a node id are one path segment each: not empty, without {@code /}, control characters and what else {@link
 * Key} refuses. One that is not is an {@link IllegalArgumentException} that names it and the rule, before anything is sent.
 *
 * <p>Safe for use by several threads. Listeners are called on threads of the registry's or the backend's for user code, without a lock held.
 *
 * @param <T> the type of the records
 */
/*
 * Concurrency: all fields are final; resources is a concurrent set of what close() has to end, to which nothing is added once closed is set
 * (checked again after adding, so that what slips in is closed by its opener).
 */
public final class NodeRegistry<T> implements AutoCloseable {
    private final KvBackend backend;
    private final NodeCodec<T> codec;
    private final NodeReader<T> reader;
    private final NodeKeys keys;
    private final NodeReads<T> reads;
    private final BlockingCalls calls;
    private final RegistryContext registryContext;
    private final boolean ownsBackend;
    final Set<AutoCloseable> resources = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    NodeRegistry(NodeRegistryBuilder<T> from) {
        this.backend = from.backend;
        this.codec = from.codec;
        this.reader = new NodeReader<>(codec);
        this.keys = new NodeKeys(from.root, from.layout);
        this.reads = new NodeReads<>(backend, keys, reader);
        this.registryContext = new RegistryContext(backend, keys, from.time, from.requestTimeout);
        this.calls = new BlockingCalls(registryContext.time(), from.requestTimeout);
        this.ownsBackend = from.ownsBackend;
    }

    /** TiDB Binlog's registry, at {@code /tidb-binlog/v1} of a backend that stays open when the registry is closed. */
    public static NodeRegistry<NodeStatus> tidbBinlog(KvBackend backend) {
        return builder(backend, NodeCodec.tidbBinlog()).build();
    }

    /**
     * TiDB Binlog's registry, at {@code /tidb-binlog/v1} of a backend that is opened from a URL and closed with the registry.
     *
     * @throws IllegalArgumentException as {@link KvBackends#open(String)}
     */
    public static NodeRegistry<NodeStatus> tidbBinlog(String url) {
        KvBackend backend = KvBackends.open(url);
        try {
            return builder(backend, NodeCodec.tidbBinlog()).ownsBackend(true).build();
        } catch (RuntimeException | Error e) {
            backend.close();
            throw e;
        }
    }

    /** A new builder; not safe for use by several threads. */
    public static <T> NodeRegistryBuilder<T> builder(KvBackend backend, NodeCodec<T> codec) {
        return new NodeRegistryBuilder<>(backend, codec);
    }

    /** Where the kinds are. */
    public Directory root() {
        return keys.root();
    }

    /** Where things are below the root. */
    public NodeLayout layout() {
        return keys.layout();
    }

    /** The store. */
    public KvBackend backend() {
        return backend;
    }

    // --- Reading

    /**
     * Reads a node, and whether it is alive, as of one moment; blocks.
     *
     * @return the node, or empty if there is none
     * @throws UnreadableNodeException if there is something else
     */
    public Optional<Node<T>> node(String kind, String nodeId) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        BlockingCalls.Call call = begin("node", key.path());
        return Optional.ofNullable(reads.one(call, kind, nodeId).node(call));
    }

    /**
     * Reads all nodes of a kind; blocks. No nodes if there is no such kind. With {@link NodeLayout#BY_KIND} all is as of one revision. With {@link
     * NodeLayout#TIDB_BINLOG} the records are; whether each is alive is as of a moment during the call at which it had that record, and for records and
     * liveness of one revision open a {@link #view}.
     */
    public NodeSet<T> nodes(String kind) throws InterruptedException {
        Directory directory = keys.records(kind);
        return reads.all(begin("nodes", directory.path()), kind);
    }

    /**
     * The id in the path of a node's key: {@code x} for {@code /tidb-binlog/v1/pumps/x} below the root {@code /tidb-binlog/v1}. If the root
     * ends in a version, the path without it is understood too, as old binlogs wrote it: {@code /tidb-binlog/pumps/x}. The leading slash may
     * be missing.
     *
     * @throws IllegalArgumentException if it is not a node's
     */
    public String nodeIdOf(String key) {
        return keys.nodeIdOf(key);
    }

    // --- Writing

    /**
     * Writes a node's record, present or not, in one step; blocks. A lease that the record has stays. This is a write by someone else than the
     * node's owner: while that is there it undoes it, and if it has gone, the node is {@linkplain Liveness as alive as the new record says}.
     *
     * @return the revision of the write
     */
    public long updateNode(String kind, String nodeId, T value) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        Txn txn = Txn.of(new Write.Put(key, encode(value), null));
        BlockingCalls.Call call = begin("updateNode", key.path());
        return call.write(backend.commit(txn)).revision();
    }

    /**
     * Changes a node's record by a function; blocks. What the function was given is what it replaces: if someone else writes in between, it is
     * read and applied again, after a random pause, until the request timeout; the failure then says how often, and that nothing was applied. A write with an unknown outcome is not repeated but thrown. A node whose owner has gone
     * stays dead: what says so is carried along.
     *
     * @param change gets the record as it is and returns what it shall be, never null; may be called several times, on this thread
     * @return the node as written
     * @throws KeyNotFoundException if there is no such node
     * @throws UnreadableNodeException if there is something else; it is left as it is
     */
    public Node<T> updateNode(String kind, String nodeId, UnaryOperator<T> change) throws InterruptedException {
        return change(kind, nodeId, null, requireNonNull(change, "change"));
    }

    /**
     * {@linkplain #updateNode(String, String, UnaryOperator) Changes} a node's record by a function, or creates it; blocks.
     *
     * @param initial the record if there is none
     */
    public Node<T> updateOrCreateNode(String kind, String nodeId, T initial, UnaryOperator<T> change)
            throws InterruptedException {
        return change(kind, nodeId, requireNonNull(initial, "initial"), requireNonNull(change, "change"));
    }

    private Node<T> change(String kind, String nodeId, @Nullable T initial, UnaryOperator<T> change)
            throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        BlockingCalls.Call call = begin("updateNode", key.path());
        Contention contention = new Contention(call);
        while (true) {
            contention.beforeAttempt();
            NodeReads.Found<T> found = reads.one(call, kind, nodeId);
            Node<T> node = found.node(call);
            T next;
            Condition condition;
            if (node != null) {
                next = requireNonNull(change.apply(node.value()), "what the change returned");
                condition = new Condition.RevisionIs(key, node.revision());
            } else if (initial != null) {
                next = initial;
                condition = new Condition.Absent(key);
            } else {
                throw ConditionFailedException.of(call.context(), new Condition.Present(key), 0);
            }
            try {
                Bytes encoded = encode(next);
                Commit commit = call.write(backend.commit(txn(condition, key, encoded, found, kind, nodeId)));
                long revision = commit.revision();
                KeyValue written = new KeyValue(key, encoded, revision, node != null && node.leased());
                long mark = found.isCovered() ? revision : found.mark();
                return requireNonNull(
                        reader.present(kind, nodeId, next, written).judged(found.claimed(), mark));
            } catch (ConditionFailedException e) {
                contention.lost();
            }
        }
    }

    private Txn txn(Condition condition, Key key, Bytes value, NodeReads.Found<T> found, String kind, String nodeId) {
        Txn.Builder txn = Txn.builder().require(condition).put(key, value);
        if (found.isCovered()) {
            txn.put(keys.mark(kind, nodeId), found.markValue());
        }
        return txn.build();
    }

    /**
     * Removes a node, if it is there; blocks. A node that is {@linkplain #register registered} comes back.
     *
     * @return whether it was there
     */
    public boolean removeNode(String kind, String nodeId) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        return remove(
                key,
                Txn.builder()
                        .ifPresent(key)
                        .delete(key)
                        .delete(keys.mark(kind, nodeId))
                        .build());
    }

    /**
     * Removes a node as it was last seen; blocks.
     *
     * @param revision the {@link Node#revision()}
     * @return whether it was there
     * @throws RevisionMismatchException if it was written since, and so is not removed
     */
    public boolean removeNode(String kind, String nodeId, long revision) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        return remove(
                key,
                Txn.builder()
                        .ifRevision(key, revision)
                        .delete(key)
                        .delete(keys.mark(kind, nodeId))
                        .build());
    }

    private boolean remove(Key key, Txn txn) throws InterruptedException {
        try {
            begin("removeNode", key.path()).write(backend.commit(txn));
            return true;
        } catch (ConditionFailedException e) {
            if (e.actualRevision().isEmpty()) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Asks the owner of a live node to pause, to drain, or to remove it, and waits until it has done so; blocks. The owner is a {@link Registration} of
     * any process, which does it as if it had been asked there: a record that is written over it would be undone.
     *
     * @param by who asks, for the log and the status of the owner: one line, such as {@code ops@console}
     * @throws KeyNotFoundException if there is no such node
     * @throws KvException if no registration owns the node, as those of TiDB's own programs: the message names the tool that asks them; if its owner refuses,
     *     and why; if it has not answered an earlier request; or if it does not answer within the request timeout. Then the request is
     *     withdrawn, and may have been done all the same
     */
    public void request(String kind, String nodeId, NodeRequest request, String by) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        requireNonNull(request, "request");
        Segments.check("name of who asks", by);
        new OutboundRequest(backend, keys, kind, nodeId, request, by).send(begin(request.text(), key.path()));
    }

    // --- Following

    /**
     * Watches the nodes of a kind; does not block. What cannot be decoded and keys that are too deep arrive as {@link NodeEvent.Unreadable} and stop nothing. A
     * node that comes alive or dies with its record unchanged is an event as well, {@link NodeEvent.Present} with the revision that it had. Records
     * and liveness are of one revision; only for changes that are older than the time when a watch that begins after a revision was
     * opened, liveness may be newer.
     *
     * @param start where to begin; after {@link NodeSet#revision()} nothing is missed. As for {@link KvBackend#watch}, only a watch from a
     *     snapshot outlives every gap
     * @return closes to end the watch
     */
    public Watch watchNodes(String kind, WatchStart start, NodeWatchListener<T> listener) {
        Directory directory = keys.records(kind);
        requireNonNull(start, "start");
        requireNonNull(listener, "listener");
        checkOpen();
        WatchHandle handle = new WatchHandle(directory, resources::remove);
        NodeWatch<T> watch = new NodeWatch<>(
                registryContext, kind, reader, listener, start instanceof WatchStart.FromSnapshot, handle);
        adopt(handle);
        try {
            handle.started(backend.watch(keys.scope(kind), start, watch));
        } catch (RuntimeException e) {
            handle.ended();
            throw e;
        }
        return handle;
    }

    /** Opens a local mirror of a kind; does not block, {@link NodeView#ready()} tells when it is filled. */
    public NodeView<T> view(String kind) {
        return view(kind, ViewOptions.defaults());
    }

    /** {@link #view(String)} with options. Does not block on the store; a {@linkplain ViewOptions.Builder#file file} is read before this returns. */
    public NodeView<T> view(String kind, ViewOptions options) {
        keys.records(kind);
        requireNonNull(options, "options");
        checkOpen();
        NodeView<T> view = new NodeView<>(registryContext, kind, reader, options, resources::remove);
        adopt(view);
        try {
            view.start();
        } catch (RuntimeException e) {
            view.close();
            throw e;
        }
        return view;
    }

    /**
     * Keeps a node present, in a mode and with the defaults of {@link RegistrationOptions}; does not block.
     *
     * @see #register(String, String, Object, RegistrationOptions)
     */
    public Registration<T> register(String kind, String nodeId, T value, RegistrationMode mode) {
        return register(kind, nodeId, value, RegistrationOptions.of(mode));
    }

    /**
     * Keeps a node present until the registration, or this registry, is closed; does not block. That it has been written, and whatever
     * happens to it, is told by {@link Registration#status()}.
     */
    public Registration<T> register(String kind, String nodeId, T value, RegistrationOptions options) {
        Key record = keys.record(kind, nodeId);
        checkOpen();
        Claim claim = new Claim(
                record,
                keys.claim(kind, nodeId),
                keys.mark(kind, nodeId),
                options.mode(),
                options.owner().orElse(null));
        Registration<T> registration =
                new Registration<>(registryContext, kind, nodeId, claim, codec, options, value, resources::remove);
        adopt(registration);
        registration.start();
        return registration;
    }

    private void adopt(AutoCloseable resource) {
        resources.add(resource);
        if (closed.get()) {
            resources.remove(resource);
            throw closedAlready();
        }
    }

    /**
     * Closes what was opened through this registry: ends its watches and views, removes its registrations and waits for that, at most for the
     * request timeout. The backend is closed too if the registry {@linkplain NodeRegistryBuilder#ownsBackend owns} it. Has no effect when
     * called again.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        // All begin to go before any is waited for, so that the wait is bounded by one timeout and not by their number.
        List<CompletableFuture<Void>> departing = new ArrayList<>();
        for (AutoCloseable resource : resources) {
            if (resource instanceof Registration<?> registration) {
                departing.add(registration.beginClose());
            } else if (resource instanceof NodeView<?> view) {
                departing.add(view.beginClose());
            } else {
                registryContext.closeQuietly(resource);
            }
        }
        registryContext.awaitQuietly(CompletableFuture.allOf(departing.toArray(CompletableFuture<?>[]::new)));
        for (AutoCloseable resource : resources) {
            if (resource instanceof Registration<?> registration) {
                registration.abandon();
            }
        }
        registryContext.close();
        if (ownsBackend) {
            backend.close();
        }
    }

    private Bytes encode(T value) {
        return requireNonNull(codec.encode(requireNonNull(value, "value")), "what the codec returned");
    }

    private BlockingCalls.Call begin(String operation, String path) {
        checkOpen();
        return calls.begin(new KvException.Context(backend.name(), operation, path));
    }

    private void checkOpen() {
        if (closed.get()) {
            throw closedAlready();
        }
    }

    private IllegalStateException closedAlready() {
        return new IllegalStateException("The registry of '" + keys.root() + "' has been closed.");
    }

    /** The root and the backend. */
    @Override
    public String toString() {
        return "NodeRegistry[" + keys.root() + " on " + backend.name() + "]";
    }
}
