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
    private final Supplier<NodeCut<T>> present;
    private final SerialLane lane;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final Consumer<ViewFeed<T>> onClose;
    private volatile boolean closed;
    private NodeCut<T> told = NodeCut.empty();

    ViewFeed(
            Consumer<? super ViewUpdate<T>> listener,
            Supplier<NodeCut<T>> present,
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

    private void turn() {
        signalled.set(false);
        NodeCut<T> now = present.get();
        if (closed || now == told) {
            return;
        }
        List<MemberChange<T>> changes = new ArrayList<>();
        // What came from a file may be of another store, and so is what came before the store has gone back: there,
        // equal revisions mean nothing.
        boolean restored = (told.fillings() == 0 && now.fillings() > 0) || told.epoch() != now.epoch();
        PersistentMap.diff(told.slots(), now.slots(), (nodeId, before, after) -> {
            Member<T> then = before == null ? null : before.member();
            Member<T> next = after == null ? null : after.member();
            if (!Member.isSame(then, next) || (restored && then != null)) {
                changes.add(new MemberChange<>(nodeId, then, next));
            }
        });
        boolean resynced = now.fillings() != told.fillings();
        told = now;
        if (resynced || !changes.isEmpty()) {
            changes.sort(Comparator.comparing(MemberChange::nodeId));
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
