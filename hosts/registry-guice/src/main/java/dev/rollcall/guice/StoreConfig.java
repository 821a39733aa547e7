package dev.rollcall.guice;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendUrl;
import java.time.Duration;

/**
 * Which store an application uses, and how; immutable, and without a secret in {@link #toString()}.
 *
 * @param url the store
 * @param requestTimeout how long a blocking method of a registry on it may take, and how long closing one waits; see {@link
 *     dev.rollcall.registry.NodeRegistryBuilder#requestTimeout}
 * @param eager whether the store, and the registries and views bound on it, are opened when the injector is created and not when they are first asked
 *     for. Opening does not wait for the store in either case
 */
public record StoreConfig(BackendUrl url, Duration requestTimeout, boolean eager) {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(365);

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if the timeout is not positive or longer than 365 days
     */
    public StoreConfig {
        requireNonNull(url, "url");
        requireNonNull(requestTimeout, "requestTimeout");
        if (requestTimeout.isNegative() || requestTimeout.isZero() || requestTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The request timeout must be positive and at most 365 days, but it is " + requestTimeout + ".");
        }
    }

    /**
     * A store by its URL, opened lazily, with a request timeout of 5 seconds.
     *
     * @throws IllegalArgumentException if the URL is malformed; the message shows neither password nor options
     */
    public static StoreConfig of(String url) {
        return new StoreConfig(BackendUrl.parse(url), DEFAULT_TIMEOUT, false);
    }

    /** These settings with another request timeout. */
    public StoreConfig withRequestTimeout(Duration newTimeout) {
        return new StoreConfig(url, newTimeout, eager);
    }

    /** These settings with opening when the injector is created, or when something is first asked for. */
    public StoreConfig withEager(boolean newEager) {
        return new StoreConfig(url, requestTimeout, newEager);
    }
}
