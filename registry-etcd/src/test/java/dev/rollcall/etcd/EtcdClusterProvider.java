package dev.rollcall.etcd;

import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.ClusterProvider;
import java.nio.file.Path;

/** {@code rollcall tck --cluster etcd}. */
public final class EtcdClusterProvider implements ClusterProvider {
    @Override
    public String name() {
        return "etcd";
    }

    @Override
    public Cluster start(Path directory) {
        return EtcdCluster.start(EtcdBinary.underTest(), directory);
    }
}
