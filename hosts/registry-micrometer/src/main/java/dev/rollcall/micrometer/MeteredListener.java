package dev.rollcall.micrometer;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import io.micrometer.core.instrument.LongTaskTimer;
import org.jspecify.annotations.Nullable;

/** Looks at what a watch brings, and passes it on, also if looking fails. Called one at a time, as every listener; {@link #over} is harmless at any time. */
final class MeteredListener implements WatchListener {
    private final WatchListener listener;
    private final HandleMeters meters;
    private final LongTaskTimer.Sample active;
    private boolean filled;

    MeteredListener(WatchListener listener, HandleMeters meters) {
        this.listener = listener;
        this.meters = meters;
        this.active = meters.watchStarted();
    }

    void over() {
        active.stop();
    }

    @Override
    public void onSignal(WatchSignal signal) {
        try {
            measure(signal);
        } finally {
            listener.onSignal(signal);
        }
    }

    private void measure(WatchSignal signal) {
        if (signal instanceof Snapshot) {
            boolean again = filled;
            filled = true;
            if (again) {
                meters.resynced();
            }
        } else if (signal instanceof Changes changes) {
            long last = 0;
            for (Change change : changes.changes()) {
                if (change.revision() != last) {
                    last = change.revision();
                    meters.lag().brought(last);
                }
            }
        }
    }

    @Override
    public void onRewound() {
        listener.onRewound();
    }

    @Override
    public void onEnd(@Nullable KvException cause) {
        try {
            over();
        } finally {
            listener.onEnd(cause);
        }
    }
}
