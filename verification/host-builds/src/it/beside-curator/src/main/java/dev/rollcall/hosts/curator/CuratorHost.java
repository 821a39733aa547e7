package dev.rollcall.hosts.curator;

import dev.rollcall.hosts.Servers;
import dev.rollcall.hosts.Smoke;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;

/** The host's own Curator, and our stores, on one class path. */
public final class CuratorHost {
    private CuratorHost() {}

    public static void main(String[] args) throws Exception {
        try (Servers servers = new Servers();
                CuratorFramework curator =
                        CuratorFrameworkFactory.newClient("127.0.0.1:" + servers.zooKeeper(), new RetryOneTime(100))) {
            curator.start();
            curator.create().forPath("/beside", new byte[] {1});
            if (curator.getData().forPath("/beside").length != 1) {
                throw new IllegalStateException("Curator does not read what it wrote.");
            }
        }
        Smoke.stores(args[0]);
    }
}
