package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Snapshot;
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
 * The nodes below a root, such as {@code /tidb-binlog/v1}: a record for each node at {@code root/kind/nodeId}.
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
    private final Requests requests;
    private final Surroundings surroundings;
    private final boolean ownsBackend;
    final Set<AutoCloseable> resources = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    NodeRegistry(NodeRegistryBuilder<T> from) {
        this.backend = from.backend;
        this.codec = from.codec;
        this.reader = new NodeReader<>(codec);
        this.keys = new NodeKeys(from.root);
        this.surroundings = new Surroundings(backend, keys, from.time, from.requestTimeout);
        this.requests = new Requests(surroundings.time(), from.requestTimeout);
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
        return builder(KvBackends.open(url), NodeCodec.tidbBinlog())
                .ownsBackend(true)
                .build();
    }

    /** A new builder; not safe for use by several threads. */
    public static <T> NodeRegistryBuilder<T> builder(KvBackend backend, NodeCodec<T> codec) {
        return new NodeRegistryBuilder<>(backend, codec);
    }

    /** Where the kinds are. */
    public Directory root() {
        return keys.root();
    }

    /** The store. */
    public KvBackend backend() {
        return backend;
    }

    // --- Reading

    /**
     * Reads a node; blocks.
     *
     * @return the node, or empty if there is none
     * @throws PoisonNodeException if there is something else
     */
    public Optional<Node<T>> node(String kind, String nodeId) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        Requests.Request request = begin("node", key.path());
        return Optional.ofNullable(readNode(request, kind, key).node());
    }

    /** Reads all nodes of a kind as of one revision; blocks. No nodes if there is no such kind. */
    public NodeList<T> nodes(String kind) throws InterruptedException {
        Directory directory = keys.kind(kind);
        Snapshot snapshot = begin("nodes", directory.path()).read(backend.list(directory));
        List<Node<T>> nodes = new ArrayList<>(snapshot.size());
        List<PoisonEntry> poison = new ArrayList<>();
        for (KeyValue entry : snapshot.entries()) {
            NodeEvent<T> event = reader.read(kind, directory.relativize(entry.key()), entry);
            if (event instanceof NodeEvent.Present<T> present) {
                nodes.add(present.node());
            } else if (event instanceof NodeEvent.Poison<T> bad) {
                poison.add(bad.entry());
            }
        }
        return new NodeList<>(kind, nodes, poison, snapshot.revision());
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
     * Writes a node's record, present or not, in one step; blocks. A lease that the record has stays.
     *
     * @return the revision of the write
     */
    public long updateNode(String kind, String nodeId, T value) throws InterruptedException {
        Key key = keys.record(kind, nodeId);
        Txn txn = Txn.of(new Write.Put(key, encode(value), null));
        Requests.Request request = begin("updateNode", key.path());
        return request.write(backend.commit(txn)).revision();
    }

    /**
     * Changes a node's record by a function; blocks. What the function was given is what it replaces: if someone else writes in between, it is
     * read and applied again, until the request timeout. A write with an unknown outcome is not repeated but thrown.
     *
     * @param change gets the record as it is and returns what it shall be, never null; may be called several times, on this thread
     * @return the node as written
     * @throws KeyNotFoundException if there is no such node
     * @throws PoisonNodeException if there is something else; it is left as it is
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
        Requests.Request request = begin("updateNode", key.path());
        while (true) {
            ReadNode<T> found = readNode(request, kind, key);
            T next;
            Condition condition;
            if (found.node() != null) {
                next = requireNonNull(change.apply(found.node().value()), "what the change returned");
                condition = new Condition.RevisionIs(key, found.node().revision());
            } else if (initial != null) {
                next = initial;
                condition = new Condition.Absent(key);
            } else {
                throw ConditionFailedException.of(request.context(), new Condition.Present(key), 0);
            }
            try {
                Commit commit =
                        request.write(backend.commit(Txn.of(condition, new Write.Put(key, encode(next), null))));
                boolean leased = found.node() != null && found.node().leased();
                return new Node<>(kind, nodeId, next, commit.revision(), leased);
            } catch (ConditionFailedException e) {
                // Someone was faster, so the store makes progress; only the deadline bounds how often.
                request.checkDeadline();
            }
        }
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
                        .delete(keys.kept(kind, nodeId))
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
                        .delete(keys.kept(kind, nodeId))
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

    // --- Following

    /**
     * Watches the nodes of a kind; does not block. What cannot be decoded and keys that are too deep arrive as poison events and stop nothing.
     *
     * @param start where to begin; after {@link NodeList#revision()} nothing is missed. As for {@link KvBackend#watch}, only a watch from a
     *     snapshot outlives every gap
     * @return closes to end the watch
     */
    public Watch watchNodes(String kind, WatchStart start, NodeWatchListener<T> listener) {
        Directory directory = keys.kind(kind);
        requireNonNull(start, "start");
        requireNonNull(listener, "listener");
        checkOpen();
        WatchHandle handle = new WatchHandle(directory, resources::remove);
        adopt(handle);
        try {
            handle.started(backend.watch(directory, start, new NodeWatch<>(kind, reader, listener, handle::ended)));
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
        keys.kind(kind);
        requireNonNull(options, "options");
        checkOpen();
        NodeView<T> view = new NodeView<>(surroundings, kind, reader, options, resources::remove);
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
        Claim claim = new Claim(record, keys.claim(kind, nodeId), keys.kept(kind, nodeId), options.mode());
        Registration<T> registration =
                new Registration<>(surroundings, kind, nodeId, claim, codec, options, value, resources::remove);
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
                surroundings.closeQuietly(resource);
            }
        }
        surroundings.awaitQuietly(CompletableFuture.allOf(departing.toArray(CompletableFuture<?>[]::new)));
        for (AutoCloseable resource : resources) {
            if (resource instanceof Registration<?> registration) {
                registration.abandon();
            }
        }
        surroundings.close();
        if (ownsBackend) {
            backend.close();
        }
    }

    private record ReadNode<T>(@Nullable Node<T> node) {}

    private ReadNode<T> readNode(Requests.Request request, String kind, Key key) throws InterruptedException {
        GetResult result = request.read(backend.get(key));
        KeyValue entry = result.entryOrNull();
        if (entry == null) {
            return new ReadNode<>(null);
        }
        NodeEvent<T> event = reader.read(kind, key.name(), entry);
        if (event instanceof NodeEvent.Poison<T> poison) {
            throw new PoisonNodeException(request.context(), poison.entry());
        }
        return new ReadNode<>(((NodeEvent.Present<T>) event).node());
    }

    private Bytes encode(T value) {
        return requireNonNull(codec.encode(requireNonNull(value, "value")), "what the codec returned");
    }

    private Requests.Request begin(String operation, String path) {
        checkOpen();
        return requests.begin(new KvException.Context(backend.name(), operation, path));
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
