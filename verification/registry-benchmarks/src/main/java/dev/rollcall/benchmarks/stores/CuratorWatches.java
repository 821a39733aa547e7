package dev.rollcall.benchmarks.stores;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.Watcher;

/** Recursive watches through Curator; an event carries no value, so each is followed by a read. */
final class CuratorWatches implements DirectoryWatches {
    private final CuratorFramework client;
    private final String root;
    private final List<Watcher> watchers = new ArrayList<>();
    private int count;

    CuratorWatches(CuratorFramework client, String root) {
        this.client = client;
        this.root = root;
    }

    @Override
    public void prepare(int directories, byte[] value) throws Exception {
        count = directories;
        CuratorCalls.create(client, root, new byte[0]).join();
        BenchmarkLoad.run(count, 256, i -> CuratorCalls.create(client, directory(i), new byte[0]));
        BenchmarkLoad.run(count, 256, i -> CuratorCalls.create(client, directory(i) + "/key", value));
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
                    CuratorCalls.read(client, event.getPath()).thenAccept(read -> seen.accept(number));
                }
            };
            watchers.add(watcher);
            CuratorCalls.call(done -> client.watchers()
                            .add()
                            .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
                            .inBackground(done)
                            .usingWatcher(watcher)
                            .forPath(directory(number)))
                    .thenAccept(added -> opened.accept(number));
        }
    }

    @Override
    public CompletableFuture<?> write(int directory, byte[] value) {
        return CuratorCalls.write(client, directory(directory) + "/key", value, -1);
    }

    @Override
    public void close() throws Exception {
        BenchmarkLoad.run(
                count,
                256,
                i -> CuratorCalls.call(done -> client.watchers()
                        .remove(watchers.get(i))
                        .inBackground(done)
                        .forPath(directory(i))));
        watchers.clear();
    }
}
