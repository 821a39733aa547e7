package dev.rollcall.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.Futures;
import dev.rollcall.registry.Registration;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a host application tests its own behaviour when things go wrong, without a server and without waiting. */
class WorkerPoolTest {
    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();

    @Test
    void aDeadWorkerIsNotPickedOnceItsLeaseIsOver() throws InterruptedException {
        try (InMemoryBackend workerSide = store.open();
                InMemoryBackend clientSide = store.open();
                WorkerPool workers = new WorkerPool(workerSide);
                WorkerPool client = new WorkerPool(clientSide)) {
            Registration<Worker> worker = workers.announce("w-1", new Worker("10.0.0.1:9000", 2));
            client.await(Futures.await(worker.update(worker.value())));
            assertThat(client.mostRoom()).isPresent();

            workerSide.faults().disconnect();
            time.advance(Duration.ofSeconds(6));

            client.await(store.revision());
            assertThat(client.mostRoom()).isEmpty();
        }
    }

    @Test
    void theFullWorkerIsPassedOver() throws InterruptedException {
        try (InMemoryBackend backend = store.open();
                WorkerPool pool = new WorkerPool(backend)) {
            Registration<Worker> one = pool.announce("w-1", new Worker("10.0.0.1:9000", 1));
            Registration<Worker> two = pool.announce("w-2", new Worker("10.0.0.2:9000", 8));
            pool.await(Futures.await(one.update(one.value())));
            pool.await(Futures.await(two.update(two.value())));
            assertThat(pool.mostRoom().orElseThrow().nodeId()).isEqualTo("w-2");

            pool.await(Futures.await(two.update(new Worker("10.0.0.2:9000", 0))));
            assertThat(pool.mostRoom().orElseThrow().nodeId()).isEqualTo("w-1");
        }
    }

    @Test
    void theMainProgramRuns() throws InterruptedException {
        WorkerPoolMain.main(new String[] {"inmemory:worker-pool-test"});
        InMemoryStore.drop("worker-pool-test");
    }
}
