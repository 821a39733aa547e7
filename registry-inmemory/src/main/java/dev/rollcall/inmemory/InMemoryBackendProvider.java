package dev.rollcall.inmemory;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import java.time.Duration;
import java.util.Set;

/**
 * Opens handles on {@linkplain InMemoryStore#named named} stores by URL: {@code inmemory:<name>[?option=value…]}.
 *
 * <ul>
 *   <li>{@code timeout}: how long an operation may take, such as {@code 500ms}; 5 s if absent.
 *   <li>{@code history}: how many revisions the store keeps for watches; 10000 if absent. Refused if the store exists with another number.
 * </ul>
 */
public final class InMemoryBackendProvider implements KvBackendProvider {
    private static final String TIMEOUT = "timeout";
    private static final String HISTORY = "history";

    /** For the service loader. */
    public InMemoryBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("inmemory");
    }

    @Override
    public void check(BackendUrl url) {
        if (!url.hosts().isEmpty()) {
            throw new IllegalArgumentException(
                    "A store in memory has a name and no hosts: write 'inmemory:name', not '" + url + "'.");
        }
        url.rejectOtherOptions(Set.of(TIMEOUT, HISTORY));
        timeout(url);
        history(url);
        InMemoryStore.builder().name(url.path());
    }

    private static Duration timeout(BackendUrl url) {
        return url.duration(TIMEOUT, InMemoryStore.DEFAULT_TIMEOUT);
    }

    private static int history(BackendUrl url) {
        return url.integer(HISTORY, InMemoryStore.DEFAULT_HISTORY, 1, InMemoryStore.LONGEST_HISTORY);
    }

    @Override
    public KvBackend open(BackendUrl url) {
        check(url);
        int history = history(url);
        InMemoryStore store = InMemoryStore.named(url.path(), builder -> builder.historyLimit(history));
        if (url.option(HISTORY).isPresent() && store.historyLimit() != history) {
            throw new IllegalArgumentException("The store '" + store.name() + "' exists and keeps "
                    + store.historyLimit() + " revisions; it cannot be opened with " + HISTORY + "=" + history + ".");
        }
        return store.open(timeout(url));
    }
}
