package dev.rollcall.hosts.curator;

import dev.rollcall.curator.CuratorStores;
import dev.rollcall.hosts.Servers;
import dev.rollcall.hosts.Smoke;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.imps.DefaultACLProvider;
import org.apache.curator.retry.RetryOneTime;

/** The host's own Curator, our stores by its configuration and by URL, on one class path. */
public final class CuratorHost {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private CuratorHost() {}

    public static void main(String[] args) throws Exception {
        try (Servers servers = new Servers()) {
            CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                    .connectString("127.0.0.1:" + servers.zooKeeper())
                    .namespace("beside")
                    .retryPolicy(new RetryOneTime(100));
            try (CuratorFramework curator = builder.build()) {
                curator.start();
                if (!curator.blockUntilConnected(60, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("Curator has found no server.");
                }
                try (KvBackend running = CuratorStores.open(
                                curator, Directory.of("/app"), LIMIT, List.of(), new DefaultACLProvider());
                        KvBackend configured = CuratorStores.open(builder, Directory.of("/app"), LIMIT)) {
                    agree(curator, running, configured);
                }
            }
        }
        System.out.println("Curator and its stores agree");
        Smoke.stores(args[0]);
    }

    /** What the client writes the stores read, and the other way round. */
    private static void agree(CuratorFramework curator, KvBackend running, KvBackend configured) throws Exception {
        Futures.await(running.put(Key.of("/ours"), Bytes.ofUtf8("by the store")), LIMIT);
        if (!new String(curator.getData().forPath("/app/ours"), "UTF-8").equals("by the store")) {
            throw new IllegalStateException("Curator does not read what the store wrote.");
        }
        curator.create().forPath("/app/theirs", new byte[] {1});
        for (KvBackend store : List.of(running, configured)) {
            if (Futures.await(store.list(Directory.ROOT), LIMIT).entries().size() != 2) {
                throw new IllegalStateException(store.name() + " does not list what Curator wrote.");
            }
        }
    }
}
