package dev.rollcall.benchmarks.stores;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** Recursive watches of ZooKeeper's; an event carries no value, so each is followed by a read. */
final class ZooKeeperWatches implements DirectoryWatches {
    private final ZooKeeper client;
    private final String root;
    private final List<Watcher> watchers = new ArrayList<>();
    private int count;

    ZooKeeperWatches(ZooKeeper client, String root) {
        this.client = client;
        this.root = root;
    }

    @Override
    public void prepare(int directories, byte[] value) throws Exception {
        count = directories;
        ZooKeeperCalls.create(client, root, new byte[0]).join();
        BenchmarkLoad.run(count, 256, i -> ZooKeeperCalls.create(client, directory(i), new byte[0]));
        BenchmarkLoad.run(count, 256, i -> ZooKeeperCalls.create(client, directory(i) + "/key", value));
    }

    private String directory(int number) {
        return root + "/" + KeyNames.of(number);
    }

    @Override
    public void open(IntConsumer opened, IntConsumer seen) {
        for (int i = 0; i < count; i++) {
            int number = i;
            Watcher watcher = event -> {
                if (event.getType() == Watcher.Event.EventType.NodeDataChanged) {
                    ZooKeeperCalls.read(client, event.getPath()).thenAccept(zxid -> seen.accept(number));
                }
            };
            watchers.add(watcher);
            client.addWatch(
                    directory(i),
                    watcher,
                    AddWatchMode.PERSISTENT_RECURSIVE,
                    (rc, path, context) -> opened.accept(number),
                    null);
        }
    }

    @Override
    public CompletableFuture<?> write(int directory, byte[] value) {
        return ZooKeeperCalls.write(client, directory(directory) + "/key", value, -1);
    }

    @Override
    public void close() throws Exception {
        BenchmarkLoad.run(count, 256, i -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            client.removeWatches(
                    directory(i),
                    watchers.get(i),
                    Watcher.WatcherType.Any,
                    true,
                    (rc, path, context) -> ZooKeeperCalls.finish(done, rc, null),
                    null);
            return done;
        });
        watchers.clear();
    }
}
