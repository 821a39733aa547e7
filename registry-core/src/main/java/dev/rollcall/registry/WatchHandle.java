package dev.rollcall.registry;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Watch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A watch that its registry closes, unless it has ended before that. */
/*
 * Concurrency: watch and closed are guarded by this. The backend's watch may end, and the registry may be closed, before the call that started
 * it has returned it.
 */
final class WatchHandle implements Watch {
    private final Directory directory;
    private final Consumer<WatchHandle> onEnd;
    private @Nullable Watch watch;
    private boolean closed;

    WatchHandle(Directory directory, Consumer<WatchHandle> onEnd) {
        this.directory = directory;
        this.onEnd = onEnd;
    }

    void started(Watch running) {
        boolean late;
        synchronized (this) {
            watch = running;
            late = closed;
        }
        if (late) {
            running.close();
        }
    }

    void ended() {
        onEnd.accept(this);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public Directory directory() {
        return directory;
    }

    @Override
    public void close() {
        Watch running;
        synchronized (this) {
            closed = true;
            running = watch;
        }
        if (running != null) {
            running.close();
        }
    }
}
