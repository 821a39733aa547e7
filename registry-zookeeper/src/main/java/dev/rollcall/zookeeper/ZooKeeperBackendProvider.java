package dev.rollcall.zookeeper;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.kv.support.HandleThreads;
import java.util.Set;

/**
 * Opens stores in ZooKeeper by URL: {@code zookeeper://[user:password@]host[:2181][,host…]/root[?option=value…]}. The options are
 * described in {@code docs/backends/zookeeper.md}.
 */
public final class ZooKeeperBackendProvider implements KvBackendProvider {
    /** For {@link java.util.ServiceLoader}. */
    public ZooKeeperBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("zookeeper");
    }

    @Override
    public KvBackend open(BackendUrl url) {
        return ZooKeeperBackend.open(ZooKeeperConfig.of(url), ClientTransport::open, HandleThreads.open("zookeeper"));
    }

    @Override
    public void check(BackendUrl url) {
        ZooKeeperConfig.of(url);
    }
}
