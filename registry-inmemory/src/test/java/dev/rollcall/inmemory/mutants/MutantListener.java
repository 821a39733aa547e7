package dev.rollcall.inmemory.mutants;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import org.jspecify.annotations.Nullable;

/** Passes on what a watch delivers; mutants override what goes wrong on the way. */
class MutantListener implements WatchListener {
    final WatchListener listener;

    MutantListener(WatchListener listener) {
        this.listener = listener;
    }

    @Override
    public void onSignal(WatchSignal signal) {
        listener.onSignal(signal);
    }

    @Override
    public void onRewound() {
        listener.onRewound();
    }

    @Override
    public void onEnd(@Nullable KvException cause) {
        listener.onEnd(cause);
    }
}
