package dev.rollcall.registry;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.SerialLane;
import dev.rollcall.kv.support.UserCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells one listener how the present cut differs from the one that it was told last. Cuts share structure, so that this costs what has changed. */
/*
 * Concurrency: told is confined to lane. signalled is true while a turn is queued that has not yet looked at the present cut.
 */
final class ViewFeed<T> implements Subscription {
    private final Consumer<? super ViewUpdate<T>> listener;
    private final Supplier<NodeSet<T>> present;
    private final SerialLane lane;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final Consumer<ViewFeed<T>> onClose;
    private volatile boolean closed;
    private NodeSet<T> told = NodeSet.empty();

    ViewFeed(
            Consumer<? super ViewUpdate<T>> listener,
            Supplier<NodeSet<T>> present,
            Executor callbacks,
            Consumer<ViewFeed<T>> onClose) {
        this.listener = listener;
        this.present = present;
        this.lane = new SerialLane(callbacks);
        this.onClose = onClose;
    }

    void signal() {
        if (signalled.compareAndSet(false, true)) {
            lane.execute(this::turn);
        }
    }

    @SuppressWarnings("ReferenceEquality") // Whether anything has been shown since; the values are the user's code.
    private void turn() {
        signalled.set(false);
        NodeSet<T> now = present.get();
        if (closed || now == told) {
            return;
        }
        List<NodeChange<T>> changes = new ArrayList<>();
        // What came from a file may be of another store, and so is what came before the store has gone back: there,
        // equal revisions mean nothing.
        boolean restored = (told.fillings() == 0 && now.fillings() > 0) || told.epoch() != now.epoch();
        PersistentMap.diff(told.slots(), now.slots(), (nodeId, before, after) -> {
            Node<T> then = before == null ? null : before.node();
            Node<T> next = after == null ? null : after.node();
            if (!Node.isSame(then, next) || (restored && then != null)) {
                changes.add(new NodeChange<>(nodeId, then, next));
            }
        });
        boolean resynced = now.fillings() != told.fillings();
        told = now;
        if (resynced || !changes.isEmpty()) {
            changes.sort(Comparator.comparing(NodeChange::nodeId));
            UserCode.run(
                    "view listener", told, () -> listener.accept(new ViewUpdate<>(now.revision(), resynced, changes)));
        }
    }

    @Override
    public void close() {
        closed = true;
        onClose.accept(this);
    }
}
