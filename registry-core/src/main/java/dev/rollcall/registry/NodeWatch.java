package dev.rollcall.registry;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the signals of a root into events of one kind's nodes. */
/*
 * Concurrency: cut is confined to the calls of this listener, which come one after another.
 */
final class NodeWatch<T> implements WatchListener {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final RegistryContext registryContext;
    private final String kind;
    private final ViewReducer<T> reducer;
    private final NodeWatchListener<T> listener;
    private final WatchHandle handle;
    private final boolean fromSnapshot;
    private NodeSet<T> cut = NodeSet.empty();

    NodeWatch(
            RegistryContext registryContext,
            String kind,
            NodeReader<T> reader,
            NodeWatchListener<T> listener,
            boolean fromSnapshot,
            WatchHandle handle) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.reducer = new ViewReducer<>(registryContext.keys(), kind, reader);
        this.listener = listener;
        this.fromSnapshot = fromSnapshot;
        this.handle = handle;
    }

    @Override
    public void onSignal(WatchSignal signal) {
        boolean whole = signal instanceof Snapshot;
        ViewReducer.Prepared<T> prepared = reducer.prepare(signal, cut);
        if (!whole
                && prepared.isEmpty()
                && signal instanceof Changes changes
                && !changes.changes().isEmpty()) {
            // Of other kinds.
            return;
        }
        if (!fromSnapshot && cut.fillings() == 0) {
            fill();
        }
        NodeSet<T> before = cut;
        cut = reducer.apply(before, prepared, whole || before.fillings() == 0);
        List<NodeEvent<T>> events = reducer.events(prepared, before, cut);
        if (whole || !events.isEmpty() || prepared.isEmpty()) {
            listener.onNodes(new NodeSignal<>(kind, whole, events, signal.revision()));
        }
    }

    /**
     * A watch that begins after a revision has not seen what stood beside the records by then. Waits for the store, as a slow listener would, so
     * that the watch keeps no more than it has to.
     */
    private void fill() {
        while (!handle.isClosed()) {
            try {
                Snapshot all = Futures.await(
                        registryContext.backend().list(registryContext.keys().scope(kind)));
                cut = reducer.apply(cut, reducer.prepare(all, cut), true);
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (KvException e) {
                if (!e.isRetryable()) {
                    LOG.warn(
                            "Nodes of '{}' are judged by what they say themselves: {}",
                            Printable.line(kind),
                            e.getMessage());
                    return;
                }
                pause();
            }
        }
    }

    private void pause() {
        CompletableFuture<Void> over = new CompletableFuture<>();
        registryContext.time().schedule(PAUSE, () -> over.complete(null));
        over.join();
    }

    @Override
    public void onRewound() {
        // Revisions of the former store cannot be compared with those of this one.
        cut = NodeSet.empty();
    }

    @Override
    public void onEnd(@Nullable KvException cause) {
        handle.ended();
        listener.onEnd(cause);
    }
}
