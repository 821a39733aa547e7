package dev.rollcall.tck.history;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One run of a {@link Workload}. */
final class WorkloadRun {
    private static final long POLL_NANOS = 1_000_000;
    /** Keys lie at two depths and beside each other with a common prefix, so that a watch of the inner directory has to filter. */
    private static final String INNER = "a";

    private static final String BESIDE = "ab";
    private static final String END = "end";

    private final Workload workload;
    private final HistoryRecorder recorder;
    private final List<KvBackend> clients = new ArrayList<>();
    private final Directory directory;
    private final WorkloadOptions options;
    private final List<Key> keys = new ArrayList<>();
    private final Queue<Watch> watches = new ConcurrentLinkedQueue<>();
    private final long deadline;

    WorkloadRun(
            Workload workload,
            HistoryRecorder recorder,
            List<KvBackend> handles,
            Directory directory,
            WorkloadOptions options) {
        this.workload = workload;
        this.recorder = recorder;
        this.directory = directory;
        this.options = options;
        this.deadline = System.nanoTime() + options.time().toNanos();
        for (int i = 0; i < handles.size(); i++) {
            clients.add(recorder.client("h" + i, handles.get(i)));
        }
        for (int i = 0; i < options.keys(); i++) {
            keys.add(directory.key((i % 3 == 2 ? BESIDE : INNER) + "/k" + i));
        }
    }

    History run() throws InterruptedException {
        watch(clients.get(0), directory, WatchStart.snapshot());
        if (workload == Workload.TRANSFERS || workload == Workload.MIXED) {
            fund();
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < options.clients(); i++) {
            KvBackend client = clients.get(i % clients.size());
            Thread thread = new Thread(new WorkloadClient(this, client, i, options), "workload-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        // A client that is never answered must not keep the others' history from being judged.
        long giveUpAt = deadline + options.settling().toNanos();
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, giveUpAt - System.nanoTime()));
        }
        threads.forEach(Thread::interrupt);
        settle();
        return recorder.history();
    }

    Workload workload() {
        return workload;
    }

    List<Key> keys() {
        return keys;
    }

    Directory directory() {
        return directory;
    }

    Directory inner() {
        return directory.directory(INNER);
    }

    private Key end() {
        return inner().key(END);
    }

    /** Whether this is the write that comes after all others. */
    static boolean isEnd(Key key) {
        return key.path().endsWith("/" + INNER + "/" + END);
    }

    Key account(int index) {
        return directory.key("acc/k" + index);
    }

    int accounts() {
        return Math.min(options.keys(), 4);
    }

    boolean isOver() {
        return System.nanoTime() - deadline > 0;
    }

    Watch watch(KvBackend client, Directory watched, WatchStart start) {
        Watch watch = client.watch(watched, start, Silent.INSTANCE);
        watches.add(watch);
        return watch;
    }

    private void fund() throws InterruptedException {
        Txn.Builder txn = Txn.builder();
        for (int i = 0; i < accounts(); i++) {
            txn.put(account(i), Bytes.ofUtf8("100 fund-" + i));
        }
        answer(clients.get(0), txn.build());
    }

    /**
     * One write after all others, which every watch has to reach, and a list by each client after it. Whether there was such a write and
     * such a list is told by {@link Workload#unsettled}; whether watches got there, and told their end, by the judges.
     */
    private void settle() throws InterruptedException {
        Patience patience = new Patience(options.settling());
        Commit last = null;
        for (int i = 0; last == null && !patience.isOver(); i++) {
            KvBackend client = clients.get(i % clients.size());
            last = answer(
                    client, Txn.builder().put(end(), Bytes.ofUtf8("end-" + i)).build());
            if (last == null) {
                patience.pause(POLL_NANOS * 50);
            }
        }
        if (last != null) {
            recorder.owe(last.revision());
            patience.await(recorder::isSettled);
            for (KvBackend client : clients) {
                while (!isListed(client) && !patience.isOver()) {
                    patience.pause(POLL_NANOS * 50);
                }
            }
        }
        watches.forEach(Watch::close);
        // Time of their own: a watch that never got there must not make others look as if they had not ended.
        new Patience(options.settling()).await(recorder::isQuiet);
    }

    private boolean isListed(KvBackend client) throws InterruptedException {
        try {
            Futures.await(client.list(directory));
            return true;
        } catch (KvException e) {
            // Recorded, as every operation.
            return false;
        }
    }

    static @Nullable Commit answer(KvBackend client, Txn txn) throws InterruptedException {
        try {
            return Futures.await(client.commit(txn));
        } catch (KvException e) {
            return null;
        }
    }

    /** How long is waited; of a pause that the machine makes longer no more counts than twenty times what it was to be. */
    private static final class Patience {
        private long left;

        Patience(Duration time) {
            left = time.toNanos();
        }

        boolean isOver() {
            return left <= 0;
        }

        void pause(long nanos) {
            long before = System.nanoTime();
            LockSupport.parkNanos(nanos);
            left -= Math.min(System.nanoTime() - before, 20 * nanos);
        }

        void await(BooleanSupplier condition) {
            while (!condition.getAsBoolean() && !isOver()) {
                pause(POLL_NANOS);
            }
        }
    }

    private enum Silent implements WatchListener {
        INSTANCE;

        @Override
        public void onSignal(WatchSignal signal) {}

        @Override
        public void onEnd(@Nullable KvException cause) {}
    }
}
