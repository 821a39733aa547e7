package dev.rollcall.tck;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A listener that records the signals of its watch and judges each as it comes: the grammar, the order of revisions, the directory, that calls do not
 * overlap, and that nothing follows the end. What it finds is thrown by the next wait.
 */
public final class RecordingListener implements WatchListener {
    private final Directory directory;
    private final WatchStart start;
    private final BiConsumer<RecordingListener, WatchSignal> reaction;
    private final Bell bell;
    private final SignalRules rules;

    private final List<RuleViolation> violations = Collections.synchronizedList(new ArrayList<>());
    private final Set<Thread> threads = Collections.synchronizedSet(new LinkedHashSet<>());
    private final AtomicInteger running = new AtomicInteger();

    private final Object lock = new Object();
    private final List<WatchSignal> signals = new ArrayList<>();
    private final TreeMap<Key, KeyValue> held = new TreeMap<>();
    private int ends;
    private @Nullable KvException cause;
    private volatile @Nullable Watch watch;
    private volatile boolean closeReturned;
    private final AtomicInteger afterClose = new AtomicInteger();

    RecordingListener(
            Directory directory, WatchStart start, Bell bell, BiConsumer<RecordingListener, WatchSignal> reaction) {
        this.directory = directory;
        this.start = start;
        this.bell = bell;
        this.reaction = reaction;
        this.rules = new SignalRules(directory, start, this::violated);
    }

    void started(Watch running) {
        watch = running;
        bell.ring();
    }

    @Override
    public void onSignal(WatchSignal signal) {
        enter("the signal " + signal);
        try {
            if (closeReturned && afterClose.incrementAndGet() > 1) {
                // One signal may have been on its way into the listener while close() returned; a second cannot have
                // been.
                violated("WATCH-12", signal + " started after close() had returned.");
            }
            synchronized (lock) {
                if (ends > 0) {
                    violated("WATCH-12", signal + " came after the end.");
                }
                rules.judge(signal);
                signals.add(signal);
                if (signal instanceof Snapshot snapshot) {
                    held.clear();
                    held.putAll(Cut.byKey(snapshot.entries()));
                } else {
                    Cut.apply(held, (Changes) signal);
                }
            }
            bell.ring();
            reaction.accept(this, signal);
        } finally {
            leave();
        }
    }

    @Override
    public void onEnd(@Nullable KvException failure) {
        enter("the end");
        try {
            synchronized (lock) {
                if (++ends > 1) {
                    violated("WATCH-12", "The end came " + ends + " times.");
                }
                cause = failure;
            }
            bell.ring();
        } finally {
            leave();
        }
    }

    private void enter(String what) {
        threads.add(Thread.currentThread());
        if (running.incrementAndGet() > 1) {
            violated("THREAD-2", "The listener was called with " + what + " while an earlier call was running.");
        }
    }

    private void leave() {
        running.decrementAndGet();
    }

    private void violated(String rule, String finding) {
        violations.add(new RuleViolation(rule, finding + " The watch: " + directory + ", " + start + "."));
    }

    /** The watch that this listens to; waits until it has been returned. */
    public Watch watch() {
        bell.await(Duration.ofSeconds(5), () -> watch != null);
        Watch started = watch;
        if (started == null) {
            throw new RuleViolation("WATCH-1", "watch() did not return a watch.");
        }
        return started;
    }

    /** Closes the watch; what starts after that is a fault. */
    public void close() {
        watch().close();
        closeReturned = true;
    }

    /** The directory that is watched. */
    public Directory directory() {
        return directory;
    }

    /** What has been heard. */
    public List<WatchSignal> signals() {
        synchronized (lock) {
            return List.copyOf(signals);
        }
    }

    /** What the observer holds now, by applying every signal so far. */
    public Cut held() {
        synchronized (lock) {
            return new Cut(
                    signals.isEmpty() ? 0 : signals.get(signals.size() - 1).revision(), held);
        }
    }

    /** What an observer holds that had {@code start} before the first signal. */
    public Cut heldFrom(Cut start) {
        Cut cut = start;
        for (WatchSignal signal : signals()) {
            cut = cut.after(signal);
        }
        return cut;
    }

    /** What the observer holds of one key. */
    public Optional<KeyValue> held(Key key) {
        synchronized (lock) {
            return Optional.ofNullable(held.get(key));
        }
    }

    /** The revision of the last signal, or -1 before the first. */
    public long revision() {
        synchronized (lock) {
            return signals.isEmpty() ? -1 : signals.get(signals.size() - 1).revision();
        }
    }

    /** All changes so far, in order. */
    public List<Change> changes() {
        List<Change> all = new ArrayList<>();
        for (WatchSignal signal : signals()) {
            if (signal instanceof Changes changes) {
                all.addAll(changes.changes());
            }
        }
        return all;
    }

    /** Whether the end has come. */
    public boolean hasEnded() {
        synchronized (lock) {
            return ends > 0;
        }
    }

    /** What the end gave as its cause. */
    public @Nullable KvException cause() {
        synchronized (lock) {
            return cause;
        }
    }

    /** The threads that the listener was called on. */
    public Set<Thread> threads() {
        synchronized (threads) {
            return Set.copyOf(threads);
        }
    }

    /** Throws the first fault that was found so far. */
    public void verify() {
        synchronized (violations) {
            if (!violations.isEmpty()) {
                throw violations.get(0);
            }
        }
    }

    @Override
    public String toString() {
        return "the watch of " + directory + " with " + start + (hasEnded() ? ", ended by " + cause() : "")
                + ", which holds " + held().entries().size() + " entries at revision " + revision();
    }
}
