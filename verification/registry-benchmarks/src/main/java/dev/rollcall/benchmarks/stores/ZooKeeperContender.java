package dev.rollcall.benchmarks.stores;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** ZooKeeper's own client, asynchronous, as its users use it; the guarantee of its reads is a matter of choice. */
final class ZooKeeperContender implements Contender {
    private static final int TIMEOUT_SECONDS = 30;

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
    private final String address;
    private final String root;
    private final String directory;
    private final Set<Integer> lists = new HashSet<>();
    private final Freshness freshness;
    private final AtomicLong written = new AtomicLong();
    private String[] paths = {};
    private AtomicIntegerArray versions = new AtomicIntegerArray(0);

    ZooKeeperContender(String address, String root, Freshness freshness) throws Exception {
        this.address = address;
        this.root = root;
        this.directory = root + "/entries";
        this.freshness = freshness;
        this.client = ZooKeeperCalls.connect(address).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        ZooKeeperCalls.create(client, root, new byte[0]).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public String name() {
        return "zookeeper, " + freshness.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public void fill(int count, byte[] value) throws Exception {
        if (paths.length == count) {
            return;
        }
        paths = fillDirectory(directory, count, value);
        versions = new AtomicIntegerArray(count);
    }

    private String[] fillDirectory(String where, int count, byte[] value) throws Exception {
        String[] made = new String[count];
        ZooKeeperCalls.create(client, where, new byte[0]).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        BenchmarkLoad.run(count, 256, i -> {
            made[i] = where + "/" + KeyNames.of(i);
            return ZooKeeperCalls.create(client, made[i], value);
        });
        return made;
    }

    @Override
    public CompletableFuture<?> get(int key) {
        freshen();
        return ZooKeeperCalls.read(client, paths[key]);
    }

    /** What the next read on the same connection is to be behind. */
    private void freshen() {
        switch (freshness) {
            case SYNC -> client.sync("/", (rc, path, context) -> {}, null);
            case BARRIER -> client.multi(List.of(Op.check("/", -1)), (rc, path, context, results) -> {}, null);
            case STALE -> {}
        }
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
        return ZooKeeperCalls.write(client, paths[key], value, expected).thenAccept(stat -> {
            versions.set(key, stat.getVersion());
            written.accumulateAndGet(stat.getMzxid(), Math::max);
        });
    }

    @Override
    public void fillList(int size, byte[] value) throws Exception {
        if (lists.add(size)) {
            fillDirectory(listed(size), size, value);
        }
    }

    private String listed(int size) {
        return root + "/list-" + size;
    }

    @Override
    public int list(int size) throws Exception {
        String listed = listed(size);
        freshen();
        List<String> names = client.getChildren(listed, false);
        BenchmarkLoad.run(names.size(), 256, i -> ZooKeeperCalls.read(client, listed + "/" + names.get(i)));
        return names.size();
    }

    @Override
    public Observation observe() throws Exception {
        BenchmarkProgress progress = new BenchmarkProgress();
        Watcher watcher = event -> {
            String path = event.getPath();
            // An event carries no value.
            if (path != null && event.getType() == Watcher.Event.EventType.NodeDataChanged) {
                ZooKeeperCalls.read(client, path).thenAccept(progress::reached);
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
    public DirectoryWatches watches() {
        return new ZooKeeperWatches(client, root + "/watched");
    }

    /** Sessions at the same server: what ZooKeeper has for leases. */
    ContenderLeases leases() {
        return new ZooKeeperSessions(address);
    }

    /** The same keys, many in a request. */
    Packed packed() {
        return new ZooKeeperPacked(client, paths);
    }

    @Override
    public void close() throws Exception {
        client.close();
    }
}
