package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.support.HandleThreads;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A handle that cannot be opened leaves nothing behind. */
class OpenFailureTest {
    @Test
    void threadsAndTheLoopEndIfThereIsNoMemoryForAThread() throws InterruptedException {
        HandleThreads threads = HandleThreads.open("etcd");
        CompletableFuture<Thread> timer = new CompletableFuture<>();
        threads.time().schedule(Duration.ZERO, () -> timer.complete(Thread.currentThread()));
        // As long as this waits the timer has a thread, unless it is closed.
        threads.time().schedule(Duration.ofHours(1), () -> {});
        IoLoop none = new IoLoop(task -> {
            throw new OutOfMemoryError("made up by a test");
        });
        EtcdOptions options = EtcdOptions.of(BackendUrl.parse("etcd://127.0.0.1:1/unopened"));
        assertThatThrownBy(() -> EtcdBackend.open(options, null, InetAddress::getAllByName, none, threads))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("made up by a test");
        assertThat(none.group().isShuttingDown()).isTrue();
        Thread thread = timer.orTimeout(2, TimeUnit.MINUTES).join();
        thread.join(TimeUnit.MINUTES.toMillis(2));
        assertThat(thread.isAlive()).isFalse();
    }
}
