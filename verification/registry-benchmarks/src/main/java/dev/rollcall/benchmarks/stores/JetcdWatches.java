package dev.rollcall.benchmarks.stores;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** Watches of jetcd's. */
final class JetcdWatches implements DirectoryWatches {
    private final Client client;
    private final String root;
    private final List<Watch.Watcher> watchers = new ArrayList<>();
    private int count;

    JetcdWatches(Client client, String root) {
        this.client = client;
        this.root = root;
    }

    @Override
    public void prepare(int directories, byte[] value) throws Exception {
        count = directories;
        BenchmarkLoad.run(count, 256, i -> write(i, value));
    }

    private String directory(int number) {
        return root + "/watched/" + KeyNames.of(number) + "/";
    }

    @Override
    public void open(IntConsumer opened, IntConsumer seen) {
        WatchOption option =
                WatchOption.builder().isPrefix(true).withCreateNotify(true).build();
        for (int i = 0; i < count; i++) {
            int number = i;
            watchers.add(client.getWatchClient()
                    .watch(
                            ByteSequence.from(directory(i), UTF_8),
                            option,
                            Watch.listener(
                                    response -> (response.getEvents().isEmpty() ? opened : seen).accept(number))));
        }
    }

    @Override
    public CompletableFuture<?> write(int directory, byte[] value) {
        return client.getKVClient()
                .put(ByteSequence.from(directory(directory) + "key", UTF_8), ByteSequence.from(value));
    }

    @Override
    public void close() {
        watchers.forEach(Watch.Watcher::close);
        watchers.clear();
    }
}
