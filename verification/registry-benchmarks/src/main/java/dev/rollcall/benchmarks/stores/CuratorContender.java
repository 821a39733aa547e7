package dev.rollcall.benchmarks.stores;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;

/** Curator in the background, as its users use it: its reads may be behind. */
final class CuratorContender implements Contender {
    private static final int TIMEOUT_SECONDS = 30;

    private final CuratorFramework client;
    private final String root;
    private final String directory;
    private final Set<Integer> lists = new HashSet<>();
    private final AtomicLong written = new AtomicLong();
    private String[] paths = {};
    private AtomicIntegerArray versions = new AtomicIntegerArray(0);

    CuratorContender(String address, String root) throws Exception {
        this.root = root;
        this.directory = root + "/entries";
        this.client = CuratorCalls.connect(address);
        CuratorCalls.create(client, root, new byte[0]).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public String name() {
        return "curator";
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
        CuratorCalls.create(client, where, new byte[0]).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        BenchmarkLoad.run(count, 256, i -> {
            made[i] = where + "/" + KeyNames.of(i);
            return CuratorCalls.create(client, made[i], value);
        });
        return made;
    }

    @Override
    public CompletableFuture<?> get(int key) {
        return CuratorCalls.read(client, paths[key]);
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
        return CuratorCalls.write(client, paths[key], value, expected).thenAccept(event -> {
            Stat stat = event.getStat();
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
        List<String> names = client.getChildren().forPath(listed);
        BenchmarkLoad.run(names.size(), 256, i -> CuratorCalls.read(client, listed + "/" + names.get(i)));
        return names.size();
    }

    @Override
    public Observation observe() throws Exception {
        BenchmarkProgress progress = new BenchmarkProgress();
        Watcher watcher = event -> {
            // An event carries no value.
            if (event.getType() == Watcher.Event.EventType.NodeDataChanged) {
                CuratorCalls.read(client, event.getPath())
                        .thenAccept(read -> progress.reached(read.getStat().getMzxid()));
            }
        };
        client.watchers()
                .add()
                .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
                .usingWatcher(watcher)
                .forPath(directory);
        return new Observation() {
            @Override
            public void awaitAll() throws Exception {
                progress.await(written.get());
            }

            @Override
            public void close() throws Exception {
                client.watchers().remove(watcher).forPath(directory);
            }
        };
    }

    @Override
    public DirectoryWatches watches() {
        return new CuratorWatches(client, root + "/watched");
    }

    @Override
    public void close() {
        client.close();
    }
}
