package dev.rollcall.zookeeper;

import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.ClusterProvider;
import java.nio.file.Path;

/** {@code rollcall tck --cluster zookeeper}. */
public final class ZooKeeperClusterProvider implements ClusterProvider {
    @Override
    public String name() {
        return "zookeeper";
    }

    @Override
    public Cluster start(Path directory) {
        return new ZooKeeperCluster(directory);
    }
}
