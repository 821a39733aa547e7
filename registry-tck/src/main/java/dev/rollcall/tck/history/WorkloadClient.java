package dev.rollcall.tck.history;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** One client of a {@link WorkloadRun}: one operation after another, chosen by its seed. */
final class WorkloadClient implements Runnable {
    private static final int OPEN_WATCHES = 3;

    private final WorkloadRun run;
    private final KvBackend backend;
    private final int number;
    private final int operations;
    /** Twice the average. */
    private final long longestPauseNanos;

    private final SplittableRandom random;
    private final Map<Key, Long> revisions = new HashMap<>();
    private final Deque<Watch> watches = new ArrayDeque<>();
    private int writes;

    WorkloadClient(WorkloadRun run, KvBackend backend, int number, WorkloadOptions options) {
        this.run = run;
        this.backend = backend;
        this.number = number;
        this.operations = options.operations();
        this.longestPauseNanos = 2 * options.pause().toNanos();
        this.random = new SplittableRandom(options.seed() * 31 + number);
    }

    @Override
    public void run() {
        try {
            for (int i = 0; i < operations && !run.isOver(); i++) {
                try {
                    pause();
                    step();
                } catch (KvException e) {
                    // Recorded. What this client knew of the store may be wrong now.
                    revisions.clear();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pause() throws InterruptedException {
        if (longestPauseNanos > 0) {
            TimeUnit.NANOSECONDS.sleep(random.nextLong(longestPauseNanos));
        }
    }

    private void step() throws InterruptedException {
        switch (run.workload()) {
            case REGISTERS -> register();
            case TRANSFERS -> transfer();
            case WATCHERS -> watcher();
            case MIXED -> {
                switch (random.nextInt(4)) {
                    case 0 -> register();
                    case 1 -> transfer();
                    case 2 -> watcher();
                    default -> look();
                }
            }
        }
    }

    private void register() throws InterruptedException {
        Key key = run.keys().get(random.nextInt(run.keys().size()));
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> remember(key, Futures.await(backend.get(key)));
            case 3 -> Futures.await(backend.get(key, ReadConsistency.SEQUENTIAL));
            case 4 ->
                revisions.put(key, Futures.await(backend.put(key, value(""))).revision());
            case 5 ->
                revisions.put(key, Futures.await(backend.create(key, value(""))).revision());
            case 6 -> Futures.await(random.nextBoolean() ? backend.delete(key) : backend.update(key, value("")));
            default -> compareAndSet(key);
        }
    }

    private void compareAndSet(Key key) throws InterruptedException {
        Long expected = revisions.get(key);
        if (expected == null) {
            remember(key, Futures.await(backend.get(key)));
        } else if (random.nextInt(5) == 0) {
            Futures.await(backend.delete(key, expected));
            // Kept: the next attempt must fail, whatever became of the key.
        } else {
            revisions.put(
                    key, Futures.await(backend.update(key, value(""), expected)).revision());
        }
    }

    private void remember(Key key, GetResult result) {
        result.entry().ifPresent(entry -> revisions.put(key, entry.revision()));
    }

    private void transfer() throws InterruptedException {
        if (random.nextInt(3) == 0) {
            look();
            return;
        }
        int from = random.nextInt(run.accounts());
        int to = (from + 1 + random.nextInt(run.accounts() - 1)) % run.accounts();
        KeyValue source = Futures.await(backend.get(run.account(from))).entryOrNull();
        KeyValue target = Futures.await(backend.get(run.account(to))).entryOrNull();
        if (source == null || target == null) {
            return;
        }
        int amount = 1 + random.nextInt(5);
        Futures.await(backend.commit(Txn.builder()
                .ifRevision(source.key(), source.revision())
                .ifRevision(target.key(), target.revision())
                .put(source.key(), value(balance(source) - amount + " "))
                .put(target.key(), value(balance(target) + amount + " "))
                .build()));
    }

    static int balance(KeyValue entry) {
        String text = entry.value().utf8();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    private void look() throws InterruptedException {
        switch (random.nextInt(6)) {
            case 0 -> Futures.await(backend.keys(run.inner()));
            case 1 -> Futures.await(backend.children(run.directory()));
            case 2 -> Futures.await(backend.list(run.directory(), ReadConsistency.SEQUENTIAL));
            default -> Futures.await(backend.list(run.directory()));
        }
    }

    private void watcher() throws InterruptedException {
        int kind = random.nextInt(12);
        if (kind == 0) {
            change();
        } else if (kind < 5) {
            several();
        } else {
            register();
        }
    }

    /** Opens a watch in one of the ways there are, or closes the oldest. */
    private void change() throws InterruptedException {
        if (watches.size() >= OPEN_WATCHES) {
            watches.remove().close();
            return;
        }
        boolean inner = random.nextBoolean();
        boolean fromSnapshot = random.nextBoolean();
        if (fromSnapshot) {
            watches.add(run.watch(backend, inner ? run.inner() : run.directory(), WatchStart.snapshot()));
            return;
        }
        Snapshot listed = Futures.await(backend.list(inner ? run.inner() : run.directory()));
        boolean history = backend.capabilities().contains(Capability.HISTORY) && random.nextBoolean();
        watches.add(run.watch(
                backend,
                listed.directory(),
                history ? WatchStart.history(listed.revision()) : WatchStart.after(listed.revision())));
    }

    private void several() throws InterruptedException {
        Txn.Builder txn = Txn.builder();
        for (Key key : run.keys()) {
            switch (random.nextInt(4)) {
                case 0 -> txn.put(key, value(""));
                case 1 -> txn.delete(key);
                default -> {}
            }
        }
        Futures.await(backend.commit(txn.build()));
    }

    private Bytes value(String prefix) {
        writes++;
        return Bytes.ofUtf8(prefix + "c" + number + "-" + writes);
    }
}
