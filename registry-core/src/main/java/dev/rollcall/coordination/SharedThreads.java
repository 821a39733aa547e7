package dev.rollcall.coordination;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.HandleThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The callback threads and the timer of all locks and elections on one backend: hundreds of locks need no more threads than one. They exist from
 * the first lock or election that is opened on it to the last that is closed.
 */
/*
 * Concurrency: OPEN, and users of each element, are guarded by OPEN's monitor. The rest is final.
 */
final class SharedThreads {
    private static final List<SharedThreads> OPEN = new ArrayList<>();

    private final KvBackend backend;
    private final @Nullable TimeSource given;
    private final HandleThreads threads;
    private int users;

    private SharedThreads(KvBackend backend, @Nullable TimeSource given) {
        this.backend = backend;
        this.given = given;
        this.threads = given == null ? HandleThreads.open("coordination") : HandleThreads.open("coordination", given);
    }

    /** Those of {@code backend} that go by {@code given}, or by the machine's time; to be {@linkplain #release() released} once. */
    @SuppressWarnings("ReferenceEquality") // Two handles are never the same one, whatever equals says.
    static SharedThreads of(KvBackend backend, @Nullable TimeSource given) {
        synchronized (OPEN) {
            SharedThreads shared = null;
            for (SharedThreads each : OPEN) {
                if (each.backend == backend && each.given == given) {
                    shared = each;
                }
            }
            if (shared == null) {
                shared = new SharedThreads(backend, given);
                OPEN.add(shared);
            }
            shared.users++;
            return shared;
        }
    }

    /** Runs code of the application, and the lanes; never refuses a task, also when released. */
    Executor callbacks() {
        return threads.callbacks();
    }

    TimeSource time() {
        return threads.time();
    }

    /** Of one user; with the last one the threads end as soon as they have done what they were given. */
    void release() {
        synchronized (OPEN) {
            users--;
            if (users > 0) {
                return;
            }
            OPEN.remove(this);
        }
        threads.close();
    }
}
