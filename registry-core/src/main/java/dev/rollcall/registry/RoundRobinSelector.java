package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Round robin by ids. */
/*
 * Concurrency: last is the id picked last, or empty before the first; replaced by compare-and-set, so that each turn is taken once.
 */
final class RoundRobinSelector<T> implements Selector<T> {
    private final AtomicReference<String> last = new AtomicReference<>("");

    @Override
    public Optional<Node<T>> select(List<Node<T>> candidates, String key) {
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        while (true) {
            String before = requireNonNull(last.get());
            Node<T> next = candidates.get(firstAfter(candidates, before) % candidates.size());
            if (last.compareAndSet(before, next.nodeId())) {
                return Optional.of(next);
            }
        }
    }

    private static <T> int firstAfter(List<Node<T>> candidates, String id) {
        int low = 0;
        int high = candidates.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (candidates.get(middle).nodeId().compareTo(id) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
