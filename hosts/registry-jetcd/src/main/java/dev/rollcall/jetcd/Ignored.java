package dev.rollcall.jetcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A setting of a builder that a store has no use for.
 *
 * @param name what the builder calls it
 * @param value reads it
 */
record Ignored(String name, Function<ClientBuilder, Object> value) {
    private static final List<Ignored> ALL = List.of(
            new Ignored("retryDelay", ClientBuilder::retryDelay),
            new Ignored("retryMaxDelay", ClientBuilder::retryMaxDelay),
            new Ignored("retryMaxAttempts", ClientBuilder::retryMaxAttempts),
            new Ignored("retryChronoUnit", ClientBuilder::retryChronoUnit),
            new Ignored("retryMaxDuration", ClientBuilder::retryMaxDuration),
            new Ignored("waitForReady", ClientBuilder::waitForReady),
            new Ignored("loadBalancerPolicy", ClientBuilder::loadBalancerPolicy),
            new Ignored("connectTimeout", ClientBuilder::connectTimeout),
            new Ignored("maxInboundMessageSize", ClientBuilder::maxInboundMessageSize),
            new Ignored("executorService", ClientBuilder::executorService),
            new Ignored("useVertx", ClientBuilder::isUsingVertx));

    /** The names of those that {@code builder} has set to something else than a new builder has. */
    static List<String> of(ClientBuilder builder) {
        ClientBuilder fresh = Client.builder();
        return ALL.stream()
                .filter(each -> !Objects.equals(each.value.apply(builder), each.value.apply(fresh)))
                .map(Ignored::name)
                .toList();
    }
}
