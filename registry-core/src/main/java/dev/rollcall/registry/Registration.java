package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Desired state, until it is closed: the node is in the store. If its entries are missing, by the loss of its lease, an outage longer than its ttl, or a
 * deletion by hand, they are written again, always with the newest value. Entries that are there and ours are not written again, so that others do not see
 * a short disconnect.
 *
 * <p>An id has one owner at a time. Where another has it, this stays in {@link RegistrationState#CONFLICT} and writes nothing until the
 * other has gone. That holds for a former self as well: a process that has crashed and starts again within its ttl is in conflict with the claim
 * that it has left behind, until that expires; unless it has an {@linkplain RegistrationOptions#withOwner owner's name}, by which it takes its own
 * place back at once. A change of the record by someone who is not an owner is undone, after a pause that grows if it happens again.
 *
 * <p>Others may {@linkplain NodeRegistry#request ask} for a pause, a drain or the removal of the node: it is done as if {@link #pause} or {@link #drain} had been
 * called here, or ends the registration, with the reason in {@link #status()}.
 *
 * <p>Safe for use by several threads. No method but {@link #close()} and {@link #awaitRegistered} blocks.
 *
 * @param <T> the type of the record
 */
/*
 * Concurrency: latest and its order of hand-over to the reconciler are guarded by updates, under which no user code runs; everything else is
 * final or confined to the reconciler's lane.
 */
public final class Registration<T> implements AutoCloseable {
    private final RegistryContext registryContext;
    private final String kind;
    private final String nodeId;
    private final NodeCodec<T> codec;
    private final Reconciler reconciler;
    private final Consumer<Registration<T>> onClosed;
    private final Object updates = new Object();
    private T latest;

    Registration(
            RegistryContext registryContext,
            String kind,
            String nodeId,
            Claim claim,
            NodeCodec<T> codec,
            RegistrationOptions options,
            T value,
            Consumer<Registration<T>> onClosed) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.nodeId = nodeId;
        this.codec = codec;
        this.latest = requireNonNull(value, "value");
        this.onClosed = onClosed;
        this.reconciler = new Reconciler(
                registryContext,
                registryContext.tracker(kind),
                claim,
                options,
                claim.checked(codec.encode(value)),
                this::departed,
                registryContext.keys().request(kind, nodeId),
                this::obey);
    }

    private CompletableFuture<Long> obey(NodeRequest request) {
        return switch (request) {
            case PAUSE -> pause();
            case DRAIN -> drain();
            case REMOVE -> throw new IllegalArgumentException("A removal is the end of the registration.");
        };
    }

    void start() {
        reconciler.start();
        reconciler.closed().thenRun(() -> onClosed.accept(this));
    }

    /** The kind. */
    public String kind() {
        return kind;
    }

    /** The id. */
    public String nodeId() {
        return nodeId;
    }

    /** The value that the node has, or will have once it is written. */
    public T value() {
        synchronized (updates) {
            return latest;
        }
    }

    /**
     * Gives the node another value. It is written as soon as the store lets us; of several values that wait, only the newest is.
     *
     * @return completes with the revision at which this value, or a newer one, was found in the store; with a {@link KvException} if the registration
     *     is closed before, or its conflict is final. Values that wait together share one future, which nobody can cancel or complete for the others
     * @throws IllegalArgumentException if the codec refuses the value, or it is too large; the one before stays
     */
    public CompletableFuture<Long> update(T value) {
        return requireNonNull(update(null, requireNonNull(value, "value")));
    }

    /** Null if the value is another one than {@code expected}, which is null for any. */
    private @Nullable CompletableFuture<Long> update(@Nullable T expected, T value) {
        Bytes encoded = reconciler.claim().checked(codec.encode(value));
        CompletableFuture<Long> stored;
        synchronized (updates) {
            if (expected != null && latest != expected) {
                return null;
            }
            latest = value;
            stored = reconciler.desire(encoded);
        }
        reconciler.desired();
        return stored;
    }

    /**
     * Says that the node is about to pause, as {@link NodeCodec#pausing} puts it: for TiDB {@code online} becomes {@code pausing}, and closing then
     * leaves {@code paused}.
     *
     * @return as {@link #update}
     * @throws IllegalStateException if it cannot be paused as it is; nothing is written
     * @throws UnsupportedOperationException if the codec does not say what that means
     */
    public CompletableFuture<Long> pause() {
        return change(codec::pausing);
    }

    /**
     * Says that the node is about to leave for good, as {@link NodeCodec#draining} puts it: for TiDB {@code online} becomes {@code closing}, and
     * closing then leaves {@code offline}.
     *
     * @return as {@link #update}
     * @throws IllegalStateException if it cannot be drained as it is; nothing is written
     * @throws UnsupportedOperationException if the codec does not say what that means
     */
    public CompletableFuture<Long> drain() {
        return change(codec::draining);
    }

    private CompletableFuture<Long> change(UnaryOperator<T> change) {
        while (true) {
            T before = value();
            T after = requireNonNull(change.apply(before), "what the codec returned");
            CompletableFuture<Long> stored = update(before, after);
            if (stored != null) {
                return stored;
            }
        }
    }

    private Bytes departed() {
        return codec.encode(requireNonNull(codec.departed(value()), "what NodeCodec.departed returns"));
    }

    /**
     * Completes with the revision at which the node was first found in the store as it shall be; with a {@link KvException} if the registration is
     * closed before, or its conflict is final. Nobody can cancel it. While it is not complete, {@link #status()} tells why.
     */
    public CompletableFuture<Long> registered() {
        return reconciler.registered();
    }

    /**
     * Waits until the node has been written for the first time; blocks.
     *
     * @return the revision at which it was found in the store
     * @throws KvException if the registration is closed before, if its conflict is final, or if it takes longer than {@code atMost}, which then says
     *     why; the registration goes on
     */
    public long awaitRegistered(Duration atMost) throws InterruptedException {
        return registryContext.await(
                registered(),
                atMost,
                registryContext.context("register", reconciler.claim().record().path()),
                Outcome.UNKNOWN,
                () -> {
                    RegistrationStatus now = status();
                    String reason = now.reason();
                    return "for the node to be registered, which is " + now.state() + ": "
                            + (reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason);
                },
                () -> {
                    KvException failure = status().lastFailure();
                    return failure == null
                            ? registryContext.backend().connection().lastFailure()
                            : failure;
                });
    }

    /** The registration's state. */
    public RegistrationState state() {
        return status().state();
    }

    /** The registration's state and the reason for it. */
    public RegistrationStatus status() {
        return reconciler.status();
    }

    /**
     * Tells {@code listener} the present status and each later one, of the state or its reason, until the subscription or the registration is closed:
     * one at a time, in order, on a thread of the registry's for user code.
     */
    public Subscription onStatus(Consumer<? super RegistrationStatus> listener) {
        return reconciler.onStatus(requireNonNull(listener, "listener"));
    }

    /** Begins to close, without waiting; the future completes when that is done. */
    CompletableFuture<Void> beginClose() {
        reconciler.beginClose();
        return reconciler.closed();
    }

    /** Gives up waiting for the store; what is under way stays under way. */
    void abandon() {
        reconciler.abandon();
    }

    /**
     * Removes the node; in {@link RegistrationMode#PERSISTENT} leaves the record as {@link NodeCodec#departed} makes it and removes
     * what says that it is alive. Waits until the store has confirmed that, at most for the registry's request timeout; what is not confirmed
     * by then goes after the ttl at the latest, though a kept record then stays as it was. An interrupted thread waits as well, and stays
     * interrupted. Has no effect when called again.
     */
    @Override
    public void close() {
        registryContext.awaitQuietly(beginClose());
    }

    /** The node and the state. */
    @Override
    public String toString() {
        return Printable.line("Registration[" + kind + "/" + nodeId + ", " + status().state() + "]");
    }
}
