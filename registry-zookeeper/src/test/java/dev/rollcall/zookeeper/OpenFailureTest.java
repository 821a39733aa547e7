package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.support.HandleThreads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A handle that cannot be opened leaves nothing behind. */
class OpenFailureTest {
    @Test
    void threadsEndIfThereIsNoMemoryForAnother() throws InterruptedException {
        HandleThreads threads = HandleThreads.open("zookeeper");
        CompletableFuture<Thread> timer = new CompletableFuture<>();
        threads.time().schedule(Duration.ZERO, () -> timer.complete(Thread.currentThread()));
        // As long as this waits the timer has a thread, unless it is closed.
        threads.time().schedule(Duration.ofHours(1), () -> {});
        ClientThreads none = new ClientThreads(task -> {
            throw new OutOfMemoryError("made up by a test");
        });
        ZooKeeperConfig config = ZooKeeperConfig.of(BackendUrl.parse("zookeeper://127.0.0.1:1/unopened"));
        assertThatThrownBy(() -> ZooKeeperBackend.open(config, ClientTransport::open, threads, none))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("made up by a test");
        Thread thread = Await.result(timer);
        thread.join(TimeUnit.MINUTES.toMillis(2));
        assertThat(thread.isAlive()).isFalse();
    }
}
