package dev.rollcall.registry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The futures that wait for revisions. Guarded by its owner's lock; completes no future itself. */
final class Awaiters {
    private record Awaiter(long revision, CompletableFuture<Void> future) {}

    private final PriorityQueue<Awaiter> queue = new PriorityQueue<>(Comparator.comparingLong(Awaiter::revision));

    void add(long revision, CompletableFuture<Void> future) {
        queue.add(new Awaiter(revision, future));
    }

    /** Forgets those whose futures were completed from outside, by a timeout perhaps. */
    void removeDone() {
        queue.removeIf(awaiter -> awaiter.future().isDone());
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Takes out those for whom {@code revision} will do; null stands for all. */
    List<CompletableFuture<Void>> take(@Nullable Long revision) {
        List<CompletableFuture<Void>> taken = new ArrayList<>();
        while (!queue.isEmpty() && (revision == null || queue.element().revision() <= revision)) {
            taken.add(queue.remove().future());
        }
        return taken;
    }
}
