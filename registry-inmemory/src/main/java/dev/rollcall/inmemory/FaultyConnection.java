package dev.rollcall.inmemory;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.PendingCalls;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection between a handle and its store: open, disconnected, frozen, without replies, slow, or about to fail. Operations pass it only while it has
 * a fault; see {@link #isClear()}.
 */
final class FaultyConnection {
    /*
     * Concurrency: lock guards everything without final, and the handle's Presence. It is the first in the order of locks
     * and is held while an operation that takes this way has its effect. clear is written under it and read without it:
     * an operation that reads true is concurrent with the fault that is being set up, and may just as well have come
     * before it.
     */
    final ReentrantLock lock = new ReentrantLock();

    private final PendingCalls pending;
    private final TimeSource time;
    private final Presence presence;
    private volatile boolean clear = true;
    private boolean closed;
    private boolean cut;
    private boolean frozen;
    private boolean held;
    private Duration requestDelay = Duration.ZERO;
    private Duration answerDelay = Duration.ZERO;
    private final Deque<OneTimeFault> faults = new ArrayDeque<>();
    /** Operations that wait for a connection; not sent. */
    private final Queue<Request<?>> waiting = new ArrayDeque<>();
    /** Operations that have arrived at a store which is frozen. */
    private final Queue<Request<?>> arrived = new ArrayDeque<>();
    /** Answers that are held back, each with the operation that it is for. */
    private final Map<Request<?>, Runnable> answers = new LinkedHashMap<>();
    /** Operations of which the request or the answer is being delayed. */
    private final Set<Request<?>> underway = new LinkedHashSet<>();

    FaultyConnection(PendingCalls pending, TimeSource time, Presence presence) {
        this.pending = pending;
        this.time = time;
        this.presence = presence;
    }

    /** Whether operations may have their effect at once, in the thread that calls. */
    boolean isClear() {
        return clear;
    }

    /** Whether the handle was closed. */
    boolean isClosed() {
        return !clear && locked(() -> closed);
    }

    /** Whether the store hears from this handle: it renews leases and learns of changes. The caller holds the lock. */
    boolean isAlive() {
        return !cut && !frozen && !held && !closed;
    }

    /** Sends an operation whose result holds nothing, or does with it whatever the fault is. */
    <T> Request<T> submit(Context context, boolean write, boolean transaction, Supplier<T> effect) {
        return submit(context, write, transaction, effect, result -> {});
    }

    /** Sends an operation, or does with it whatever the fault is; {@code unclaimed} gets, under the lock, a result that nobody will see. */
    <T> Request<T> submit(
            Context context, boolean write, boolean transaction, Supplier<T> effect, Consumer<T> unclaimed) {
        Request<T> request = new Request<>(pending.begin(context, write), transaction, effect, unclaimed);
        run(() -> route(request));
        return request;
    }

    void arm(OneTimeFault fault, int times) {
        run(() -> {
            for (int i = 0; i < times; i++) {
                faults.add(fault);
            }
        });
    }

    void delay(@Nullable Duration request, @Nullable Duration answer) {
        run(() -> {
            requestDelay = request == null ? requestDelay : request;
            answerDelay = answer == null ? answerDelay : answer;
        });
    }

    /** Breaks the connection: nothing that is under way will arrive. Returns false if it was broken. */
    boolean cut() {
        return locked(() -> {
            if (cut || closed) {
                return false;
            }
            boolean wasAlive = isAlive();
            cut = true;
            breakOff(underway);
            breakOff(arrived);
            breakOff(answers.keySet());
            if (wasAlive) {
                presence.fallSilent();
            }
            return true;
        });
    }

    /** Makes the connection again. Returns false if it was not broken. */
    boolean heal() {
        return locked(() -> {
            if (!cut || closed) {
                return false;
            }
            cut = false;
            resume();
            return true;
        });
    }

    void freeze() {
        run(() -> {
            boolean wasAlive = isAlive();
            frozen = true;
            if (wasAlive) {
                presence.fallSilent();
            }
        });
    }

    void thaw() {
        run(() -> {
            boolean wasFrozen = frozen;
            frozen = false;
            if (wasFrozen) {
                resume();
            }
        });
    }

    /** Lets no answer through until {@link #release}; requests go through and have their effect. */
    void hold() {
        run(() -> {
            boolean wasAlive = isAlive();
            held = true;
            if (wasAlive) {
                presence.fallSilent();
            }
        });
    }

    void release() {
        run(() -> {
            boolean wasHeld = held;
            held = false;
            if (wasHeld) {
                List<Runnable> late = new ArrayList<>(answers.values());
                answers.clear();
                late.forEach(Runnable::run);
                resume();
            }
        });
    }

    /** Ends the connection for good; what is pending is for {@link PendingCalls} to fail. */
    void close(KvException reasonForWatches) {
        run(() -> {
            if (!closed) {
                boolean reachable = isAlive();
                closed = true;
                waiting.clear();
                arrived.clear();
                answers.clear();
                underway.clear();
                presence.end(reachable, reasonForWatches);
            }
        });
    }

    private void resume() {
        if (isAlive()) {
            presence.resume();
        }
        if (!cut) {
            drain(waiting, this::route);
        }
        if (!cut && !frozen && !closed) {
            drain(arrived, this::arrive);
        }
    }

    private static void drain(Queue<Request<?>> queue, Consumer<Request<?>> action) {
        List<Request<?>> all = new ArrayList<>(queue);
        queue.clear();
        all.forEach(action);
    }

    /** The client's side: the request leaves, or waits. */
    private void route(Request<?> request) {
        if (closed || request.call.isDone()) {
            return;
        }
        if (cut) {
            // The oldest are the first to time out, so that those which nobody waits for any more do not pile up.
            while (!waiting.isEmpty() && waiting.element().call.isDone()) {
                waiting.remove();
            }
            waiting.add(request);
            return;
        }
        // The first that is meant for such an operation: one for a write must not shield reads from one for any.
        for (Iterator<OneTimeFault> each = faults.iterator(); request.fault == null && each.hasNext(); ) {
            OneTimeFault next = each.next();
            if (next.concerns(request)) {
                request.fault = next;
                each.remove();
            }
        }
        if (request.fault == OneTimeFault.REFUSE) {
            request.call.fail(new UnavailableException(
                    request.call.context(), Outcome.NOT_APPLIED, "the store refused it", null));
        } else if (request.call.sent()) {
            travel(request, requestDelay, () -> arrive(request));
        }
    }

    /** The store's side: the request has come in. Its caller may have given up on it by now; the store does not know. */
    private void arrive(Request<?> request) {
        if (frozen) {
            arrived.add(request);
        } else if (request.fault == OneTimeFault.DROP_REQUEST) {
            request.breakOff();
        } else {
            Runnable answer = request.perform();
            if (request.fault == OneTimeFault.LOSE_ANSWER) {
                request.breakOff();
            } else if (held) {
                answers.put(request, answer);
            } else {
                travel(request, answerDelay, answer);
            }
        }
    }

    private void travel(Request<?> request, Duration delay, Runnable arrival) {
        if (delay.isZero()) {
            arrival.run();
            return;
        }
        underway.add(request);
        time.schedule(
                delay,
                () -> run(() -> {
                    if (underway.remove(request)) {
                        arrival.run();
                    }
                }));
    }

    private static void breakOff(Collection<Request<?>> requests) {
        requests.forEach(Request::breakOff);
        requests.clear();
    }

    private void run(Runnable action) {
        locked(() -> {
            action.run();
            return true;
        });
    }

    private <R> R locked(Supplier<R> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            clear = isAlive() && faults.isEmpty() && requestDelay.isZero() && answerDelay.isZero();
            lock.unlock();
        }
    }
}
