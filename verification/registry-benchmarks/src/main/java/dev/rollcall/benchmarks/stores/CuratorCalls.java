package dev.rollcall.benchmarks.stores;

import java.util.concurrent.CompletableFuture;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/** Curator's calls in the background, with futures for callbacks. */
final class CuratorCalls {
    private static final int CONNECT_MILLIS = 15_000;
    private static final int FIRST_PAUSE_MILLIS = 100;
    private static final int ATTEMPTS = 3;

    private CuratorCalls() {}

    /** A client as its users make it, except that it admits large answers. */
    static CuratorFramework connect(String address) throws InterruptedException {
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(address)
                .sessionTimeoutMs(ZooKeeperCalls.SESSION_MILLIS)
                .connectionTimeoutMs(CONNECT_MILLIS)
                .retryPolicy(new ExponentialBackoffRetry(FIRST_PAUSE_MILLIS, ATTEMPTS))
                .zkClientConfig(ZooKeeperCalls.configuration())
                .build();
        client.start();
        client.blockUntilConnected();
        return client;
    }

    static CompletableFuture<CuratorEvent> create(CuratorFramework client, String path, byte[] value) {
        return call(done -> client.create().inBackground(done).forPath(path, value));
    }

    static CompletableFuture<CuratorEvent> read(CuratorFramework client, String path) {
        return call(done -> client.getData().inBackground(done).forPath(path));
    }

    static CompletableFuture<CuratorEvent> write(CuratorFramework client, String path, byte[] value, int expected) {
        return call(done ->
                client.setData().withVersion(expected).inBackground(done).forPath(path, value));
    }

    /** Makes a call, whose answer completes the future. */
    static CompletableFuture<CuratorEvent> call(Call call) {
        CompletableFuture<CuratorEvent> answer = new CompletableFuture<>();
        try {
            call.start((client, event) -> {
                if (event.getResultCode() == Code.OK.intValue()) {
                    answer.complete(event);
                } else {
                    answer.completeExceptionally(KeeperException.create(Code.get(event.getResultCode())));
                }
            });
        } catch (Exception e) {
            // Curator declares every exception there is.
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /** A call in the background. */
    interface Call {
        void start(BackgroundCallback done) throws Exception;
    }
}
