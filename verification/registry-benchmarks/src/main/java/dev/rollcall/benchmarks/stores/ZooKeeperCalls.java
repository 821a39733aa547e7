package dev.rollcall.benchmarks.stores;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/** The asynchronous calls of ZooKeeper's own client, with futures for callbacks. */
final class ZooKeeperCalls {
    static final int SESSION_MILLIS = 30_000;

    private static final List<ACL> OPEN = List.of(new ACL(ZooDefs.Perms.ALL, new Id("world", "anyone")));
    private static final int LARGEST_ANSWER = 256 * 1024 * 1024;

    private ZooKeeperCalls() {}

    /** A configuration that admits the names of 100,000 nodes in one answer. */
    static ZKClientConfig configuration() {
        ZKClientConfig configuration = new ZKClientConfig();
        configuration.setProperty(ZKClientConfig.JUTE_MAXBUFFER, Integer.toString(LARGEST_ANSWER));
        return configuration;
    }

    /** A session of {@link #SESSION_MILLIS}. */
    static CompletableFuture<ZooKeeper> connect(String address) throws IOException {
        CompletableFuture<Void> connected = new CompletableFuture<>();
        ZooKeeper client = new ZooKeeper(
                address,
                SESSION_MILLIS,
                event -> {
                    if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                        connected.complete(null);
                    }
                },
                configuration());
        return connected.thenApply(nothing -> client);
    }

    static CompletableFuture<Void> create(ZooKeeper client, String path, byte[] value) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        client.create(
                path,
                value,
                OPEN,
                CreateMode.PERSISTENT,
                (rc, where, context, name, stat) -> finish(done, rc, null),
                null);
        return done;
    }

    /** The zxid of the node's last write. */
    static CompletableFuture<Long> read(ZooKeeper client, String path) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        client.getData(
                path,
                false,
                (rc, where, context, data, stat) -> finish(done, rc, stat == null ? null : stat.getMzxid()),
                null);
        return done;
    }

    static CompletableFuture<Stat> write(ZooKeeper client, String path, byte[] value, int expected) {
        CompletableFuture<Stat> done = new CompletableFuture<>();
        client.setData(path, value, expected, (rc, where, context, stat) -> finish(done, rc, stat), null);
        return done;
    }

    /** Completes what waits for an answer with that code. */
    static <T> void finish(CompletableFuture<T> done, int rc, @Nullable T result) {
        if (rc == Code.OK.intValue()) {
            done.complete(result);
        } else {
            done.completeExceptionally(KeeperException.create(Code.get(rc)));
        }
    }
}
