package dev.rollcall.curator;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what a watch of ours delivers. */
final class Observed implements WatchListener {
    private final BlockingQueue<WatchSignal> signals = new LinkedBlockingQueue<>();

    @Override
    public void onSignal(WatchSignal signal) {
        signals.add(signal);
    }

    @Override
    public void onEnd(@Nullable KvException cause) {}

    /** The next signal; fails if none comes. */
    WatchSignal next() throws InterruptedException {
        WatchSignal signal = signals.poll(60, TimeUnit.SECONDS);
        if (signal == null) {
            throw new AssertionError("The watch has delivered nothing.");
        }
        return signal;
    }
}
