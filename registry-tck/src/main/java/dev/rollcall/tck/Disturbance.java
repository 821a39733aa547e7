package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Subscription;
import dev.rollcall.tck.history.HistoryRecorder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Causes faults on the handles of a workload while it runs: after some of its operations, or after some time if a fault blocks the operations. All faults
 * are healed in the end.
 */
final class Disturbance implements AutoCloseable {
    private static final int OPERATIONS_BETWEEN = 40;
    private static final int MOST = 8;
    private static final long MILLIS_BETWEEN = 30;

    private final Kit kit;
    private final HistoryRecorder recorder;
    private final List<Hook> hooks;
    private final List<KvBackend> handles;
    private final Random random;
    private final Semaphore operations = new Semaphore(0);
    private final @Nullable Thread thread;
    private volatile boolean over;

    Disturbance(Kit kit, HistoryRecorder recorder, Set<Hook> hooks, List<KvBackend> handles) {
        this.kit = kit;
        this.recorder = recorder;
        this.hooks = List.copyOf(hooks);
        this.handles = handles;
        this.random = new Random(kit.settings().seed());
        this.thread = hooks.isEmpty() ? null : new Thread(this::disturb, "kit-disturbance");
        if (thread != null) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** The handles, with their operations counted. */
    List<KvBackend> handles() {
        if (thread == null) {
            return handles;
        }
        List<KvBackend> counted = new ArrayList<>();
        for (KvBackend handle : handles) {
            counted.add((KvBackend) Proxy.newProxyInstance(
                    KvBackend.class.getClassLoader(),
                    new Class<?>[] {KvBackend.class},
                    (proxy, method, arguments) -> counted(handle, method, arguments)));
        }
        return counted;
    }

    private Object counted(KvBackend handle, Method method, Object[] arguments) throws Throwable {
        operations.release();
        try {
            return method.invoke(handle, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private void disturb() {
        try {
            for (int i = 0; i < MOST && !over; i++) {
                pause();
                KvBackend victim = kit.handle(handles.get(random.nextInt(handles.size())));
                if (hooks.get(random.nextInt(hooks.size())) == Hook.LOSE_ANSWER) {
                    recorder.mark("an answer is lost").close();
                    kit.store().loseNextAnswer(victim);
                } else {
                    cut(victim);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void cut(KvBackend victim) throws InterruptedException {
        Subscription mark = recorder.mark(victim + " is cut");
        kit.store().cut(victim);
        try {
            pause();
        } finally {
            kit.store().heal(victim);
            mark.close();
        }
    }

    private void pause() throws InterruptedException {
        // Whether the operations or the time came first makes no difference.
        if (operations.tryAcquire(OPERATIONS_BETWEEN, MILLIS_BETWEEN, TimeUnit.MILLISECONDS)) {
            return;
        }
        operations.drainPermits();
    }

    @Override
    public void close() {
        over = true;
        operations.release(OPERATIONS_BETWEEN);
        if (thread != null) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
