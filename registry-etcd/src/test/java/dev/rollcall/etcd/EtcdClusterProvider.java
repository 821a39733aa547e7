package dev.rollcall.etcd;

import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.ClusterProvider;
import java.nio.file.Path;
import java.util.Map;

/** {@code rollcall tck --cluster etcd}. */
public final class EtcdClusterProvider implements ClusterProvider {
    @Override
    public String name() {
        return "etcd";
    }

    @Override
    public Cluster start(Path directory) {
        return start(directory, Map.of());
    }

    @Override
    public Map<String, String> options() {
        return EtcdClusterSettings.OPTIONS;
    }

    @Override
    public Cluster start(Path directory, Map<String, String> options) {
        Path keys = directory.resolve("security").toAbsolutePath();
        return EtcdCluster.start(EtcdClusterSettings.of(options, keys), directory);
    }
}
