package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers the node that was picked for each key. */
/*
 * Concurrency: chosen is guarded by this, and nothing of the user's runs under it. Of two threads that choose for one key at once, the later one wins.
 */
final class StickySelector<T> implements Selector<T> {
    private final Selector<T> choose;
    private final Map<String, String> chosen;

    StickySelector(Selector<T> choose, int keys) {
        this.choose = requireNonNull(choose, "choose");
        if (keys <= 0) {
            throw new IllegalArgumentException("A sticky selector remembers at least one key, not " + keys + ".");
        }
        this.chosen = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > keys;
            }
        };
    }

    @Override
    public Optional<Node<T>> select(List<Node<T>> candidates, String key) {
        requireNonNull(key, "key");
        String before;
        synchronized (this) {
            before = chosen.get(key);
        }
        Node<T> same = before == null ? null : find(candidates, before);
        if (same != null) {
            return Optional.of(same);
        }
        Optional<Node<T>> picked = choose.select(candidates, key);
        picked.ifPresent(node -> {
            synchronized (this) {
                chosen.put(key, node.nodeId());
            }
        });
        return picked;
    }

    private static <T> @Nullable Node<T> find(List<Node<T>> candidates, String nodeId) {
        int low = 0;
        int high = candidates.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = candidates.get(middle).nodeId().compareTo(nodeId);
            if (order == 0) {
                return candidates.get(middle);
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }
}
