package dev.rollcall.inmemory;

import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A listener that remembers the whole state that it held after each signal. */
final class FoldedCuts implements WatchListener {
    private final Recorder recorder = new Recorder();
    private final Map<Long, List<KeyValue>> cuts = new HashMap<>();

    @Override
    public void onSignal(WatchSignal signal) {
        synchronized (cuts) {
            recorder.onSignal(signal);
            cuts.put(signal.revision(), recorder.state());
        }
    }

    @Override
    public void onEnd(@Nullable KvException cause) {
        recorder.onEnd(cause);
    }

    void awaitRevision(long revision) {
        recorder.awaitRevision(revision);
    }

    Map<Long, List<KeyValue>> cuts() {
        synchronized (cuts) {
            return Map.copyOf(cuts);
        }
    }
}
