package dev.rollcall.curator;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.jspecify.annotations.Nullable;

/**
 * A setting of a builder that a store has no use for.
 *
 * @param name what the builder calls it
 * @param value reads it
 */
record IgnoredSetting(String name, Function<CuratorFrameworkFactory.Builder, Object> value) {
    private static final List<IgnoredSetting> ALL = List.of(
            new IgnoredSetting("retryPolicy", CuratorFrameworkFactory.Builder::getRetryPolicy),
            new IgnoredSetting("enableCompression", CuratorFrameworkFactory.Builder::compressionEnabled),
            new IgnoredSetting("compressionProvider", CuratorFrameworkFactory.Builder::getCompressionProvider),
            new IgnoredSetting("defaultData", CuratorFrameworkFactory.Builder::getDefaultData),
            new IgnoredSetting("canBeReadOnly", CuratorFrameworkFactory.Builder::canBeReadOnly),
            new IgnoredSetting(
                    "dontUseContainerParents", CuratorFrameworkFactory.Builder::useContainerParentsIfAvailable),
            new IgnoredSetting("schemaSet", builder -> kind(builder.getSchemaSet())),
            new IgnoredSetting("threadFactory", CuratorFrameworkFactory.Builder::getThreadFactory),
            new IgnoredSetting("runSafeService", CuratorFrameworkFactory.Builder::getRunSafeService),
            new IgnoredSetting("zookeeperFactory", CuratorFrameworkFactory.Builder::getZookeeperFactory),
            new IgnoredSetting("connectionStateErrorPolicy", builder -> kind(builder.getConnectionStateErrorPolicy())),
            new IgnoredSetting(
                    "waitForShutdownTimeoutMs", CuratorFrameworkFactory.Builder::getWaitForShutdownTimeoutMs),
            new IgnoredSetting("maxCloseWaitMs", CuratorFrameworkFactory.Builder::getMaxCloseWaitMs),
            new IgnoredSetting(
                    "simulatedSessionExpirationPercent",
                    CuratorFrameworkFactory.Builder::getSimulatedSessionExpirationPercent));

    /** Of which each builder has an instance of its own by default. */
    private static Object kind(@Nullable Object setting) {
        return setting == null ? "none" : setting.getClass();
    }

    /** The names of those that {@code builder} has set to something else than a new builder has. */
    static List<String> of(CuratorFrameworkFactory.Builder builder) {
        CuratorFrameworkFactory.Builder fresh = CuratorFrameworkFactory.builder();
        return ALL.stream()
                .filter(each -> !Objects.equals(each.value.apply(builder), each.value.apply(fresh)))
                .map(IgnoredSetting::name)
                .toList();
    }
}
