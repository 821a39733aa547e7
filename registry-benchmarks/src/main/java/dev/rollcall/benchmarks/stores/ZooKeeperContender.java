package dev.rollcall.benchmarks.stores;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/** ZooKeeper's own client, asynchronous, as its users use it; the guarantee of its reads is a matter of choice. */
final class ZooKeeperContender implements Contender {
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final List<ACL> OPEN =
            Collections.singletonList(new ACL(ZooDefs.Perms.ALL, new Id("world", "anyone")));

    /** What a read is preceded by, on the same connection. */
    enum Freshness {
        /** Nothing: it may be behind. */
        STALE,
        /** A sync: it may be behind where a leader has been deposed and does not know it. */
        SYNC,
        /** A check that a majority has to agree on: linearizable. */
        BARRIER
    }

    private final ZooKeeper client;
    private final String directory;
    private final Freshness freshness;
    private final AtomicLong written = new AtomicLong();
    private String[] paths = {};
    private AtomicIntegerArray versions = new AtomicIntegerArray(0);

    ZooKeeperContender(String address, String directory, Freshness freshness) throws Exception {
        this.directory = directory;
        this.freshness = freshness;
        CountDownLatch connected = new CountDownLatch(1);
        this.client = new ZooKeeper(address, TIMEOUT_MILLIS, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        if (!connected.await(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("There is no ZooKeeper at " + address + ".");
        }
    }

    @Override
    public String name() {
        return "zookeeper, " + freshness.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public void fill(int count, byte[] value) throws Exception {
        paths = new String[count];
        versions = new AtomicIntegerArray(count);
        client.create(directory, new byte[0], OPEN, CreateMode.PERSISTENT);
        Load.run(count, 256, i -> {
            paths[i] = directory + "/" + KeyNames.of(i);
            CompletableFuture<Void> done = new CompletableFuture<>();
            client.create(
                    paths[i],
                    value,
                    OPEN,
                    CreateMode.PERSISTENT,
                    (rc, path, context, name, stat) -> finish(done, rc),
                    null);
            return done;
        });
    }

    private static void finish(CompletableFuture<?> done, int rc) {
        if (rc == Code.OK.intValue()) {
            done.complete(null);
        } else {
            done.completeExceptionally(KeeperException.create(Code.get(rc)));
        }
    }

    @Override
    public CompletableFuture<?> get(int key) {
        switch (freshness) {
            case SYNC -> client.sync(paths[key], (rc, path, context) -> {}, null);
            case BARRIER -> client.multi(List.of(Op.check("/", -1)), (rc, path, context, results) -> {}, null);
            case STALE -> {}
        }
        return read(paths[key]);
    }

    private CompletableFuture<Long> read(String path) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        client.getData(
                path,
                false,
                (rc, where, context, data, stat) -> {
                    if (rc == Code.OK.intValue()) {
                        done.complete(stat.getMzxid());
                    } else {
                        finish(done, rc);
                    }
                },
                null);
        return done;
    }

    @Override
    public CompletableFuture<?> put(int key, byte[] value) {
        return write(key, value, -1);
    }

    @Override
    public CompletableFuture<?> compareAndSet(int key, byte[] value) {
        return write(key, value, versions.get(key));
    }

    private CompletableFuture<?> write(int key, byte[] value, int expected) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        client.setData(
                paths[key],
                value,
                expected,
                (rc, path, context, stat) -> {
                    if (stat != null) {
                        versions.set(key, stat.getVersion());
                        written.accumulateAndGet(stat.getMzxid(), Math::max);
                    }
                    finish(done, rc);
                },
                null);
        return done;
    }

    @Override
    public int list() throws Exception {
        if (freshness != Freshness.STALE) {
            client.sync(directory, (rc, path, context) -> {}, null);
        }
        List<String> names = client.getChildren(directory, false);
        Load.run(names.size(), 256, i -> read(directory + "/" + names.get(i)));
        return names.size();
    }

    @Override
    public Observation observe() throws Exception {
        Progress progress = new Progress();
        Watcher watcher = event -> {
            String path = event.getPath();
            // An event carries no value.
            if (path != null && event.getType() == Watcher.Event.EventType.NodeDataChanged) {
                read(path).thenAccept(progress::reached);
            }
        };
        client.addWatch(directory, watcher, AddWatchMode.PERSISTENT_RECURSIVE);
        return new Observation() {
            @Override
            public void awaitAll() throws Exception {
                progress.await(written.get());
            }

            @Override
            public void close() throws Exception {
                client.removeWatches(directory, watcher, Watcher.WatcherType.Any, true);
            }
        };
    }

    @Override
    public void close() throws Exception {
        client.close();
    }
}
