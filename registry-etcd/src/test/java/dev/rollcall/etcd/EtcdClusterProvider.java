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
        return Map.of(
                EtcdSecurity.AUTH_OPTION,
                "none, simple or jwt: what proves who a user is",
                EtcdSecurity.TLS_OPTION,
                "true or false: whether connections of clients are encrypted");
    }

    @Override
    public Cluster start(Path directory, Map<String, String> options) {
        EtcdSecurity security =
                EtcdSecurity.of(options, directory.resolve("security").toAbsolutePath());
        return EtcdCluster.start(EtcdBinary.underTest(), directory, security);
    }
}
