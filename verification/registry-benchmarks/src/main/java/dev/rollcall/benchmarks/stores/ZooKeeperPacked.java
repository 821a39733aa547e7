package dev.rollcall.benchmarks.stores;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;

/** Requests of many operations. */
final class ZooKeeperPacked implements Packed {
    private final ZooKeeper client;
    private final String[] paths;

    ZooKeeperPacked(ZooKeeper client, String[] paths) {
        this.client = client;
        this.paths = paths;
    }

    @Override
    public CompletableFuture<?> get(int first) {
        return multi(first, Op::getData);
    }

    @Override
    public CompletableFuture<?> put(int first, byte[] value) {
        return multi(first, path -> Op.setData(path, value, -1));
    }

    private CompletableFuture<?> multi(int first, Function<String, Op> operation) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        List<Op> operations =
                Arrays.stream(paths, first, first + SIZE).map(operation).toList();
        client.multi(operations, (rc, path, context, results) -> ZooKeeperCalls.finish(done, rc, null), null);
        return done;
    }
}
