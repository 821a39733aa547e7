package dev.rollcall.zookeeper;

import java.util.Map;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;

/** Settings of ZooKeeper's client: the backend's own, and where it has none those of the application, which are looked up where they are, since they cannot be listed. */
final class OverlaidClientConfig extends ZKClientConfig {
    private final Map<String, String> own;
    private final ZKClientConfig below;

    OverlaidClientConfig(Map<String, String> own, ZKClientConfig below) {
        this.own = Map.copyOf(own);
        this.below = below;
    }

    @Override
    public @Nullable String getProperty(String key) {
        String value = own.get(key);
        return value == null ? below.getProperty(key) : value;
    }

    @Override
    public @Nullable String getProperty(String key, @Nullable String absent) {
        String value = getProperty(key);
        return value == null ? absent : value;
    }
}
