package dev.rollcall.benchmarks.stores;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.zookeeper.ZooKeeper;

/** A session for each lease, kept alive by its client. */
final class ZooKeeperSessions implements ContenderLeases {
    private final String address;
    private final Queue<ZooKeeper> held = new ConcurrentLinkedQueue<>();

    ZooKeeperSessions(String address) {
        this.address = address;
    }

    @Override
    public String name() {
        return "zookeeper sessions";
    }

    @Override
    public void grant(int count) throws Exception {
        BenchmarkLoad.run(count, 64, i -> connect());
    }

    private CompletableFuture<?> connect() {
        try {
            return ZooKeeperCalls.connect(address).thenAccept(held::add);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void release() throws Exception {
        for (ZooKeeper session : held) {
            session.close();
        }
        held.clear();
    }
}
