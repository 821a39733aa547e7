package dev.rollcall.examples.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Limits;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A worker alone, which is given its jobs without a leader. */
class JobWorkerTest {
    private static String run(String payload) throws InterruptedException {
        switch (payload) {
            case "large":
                return "x".repeat(Limits.MAX_VALUE_BYTES + 1);
            case "error":
                throw new AssertionError("on purpose");
            case "interrupted":
                throw new InterruptedException("on purpose");
            case "exception":
                throw new IllegalStateException("x".repeat(Limits.MAX_VALUE_BYTES + 1));
            default:
                return "did " + payload;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "large, cannot be stored",
        "error, AssertionError: on purpose",
        "interrupted, InterruptedException: on purpose",
        "exception, cannot be stored"
    })
    void aJobThatFailsIsDoneAndTheNextOnesAreRun(String payload, String result) throws InterruptedException {
        NodeSettings settings = new NodeSettings("w-1", "a", Duration.ofSeconds(5));
        try (KvBackend store = InMemoryStore.builder().build().open();
                NodeRegistry<Job> jobs = NodeRegistry.builder(store, JobBoard.CODEC)
                        .root(JobBoard.WORK)
                        .build();
                NodeRegistry<WorkerInfo> workers = NodeRegistry.builder(store, NodeCodec.json(WorkerInfo.class))
                        .root(JobBoard.FLEET)
                        .build();
                JobWorker worker = new JobWorker(
                        store, settings, workers, jobs.view(JobBoard.JOBS), (jobId, job) -> run(job.payload()))) {
            jobs.updateNode(JobBoard.JOBS, "bad", Job.waiting("a", payload).assignedTo("w-1", 1));
            jobs.updateNode(JobBoard.JOBS, "good", Job.waiting("a", "good").assignedTo("w-1", 1));
            assertThat(worker).isNotNull();
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                assertThat(results(store, "bad")).singleElement().asString().contains("w-1 failed", result);
                assertThat(results(store, "good")).containsExactly("w-1: did good");
            });
        }
    }

    @Test
    void aJobThatIsTakenAwayIsInterruptedAndItsResultDropped() throws InterruptedException {
        NodeSettings settings = new NodeSettings("w-1", "a", Duration.ofSeconds(5));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        JobHandler handler = (jobId, job) -> {
            if (jobId.equals("long")) {
                begun.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
            }
            return "did " + jobId;
        };
        try (KvBackend store = InMemoryStore.builder().build().open();
                NodeRegistry<Job> jobs = NodeRegistry.builder(store, JobBoard.CODEC)
                        .root(JobBoard.WORK)
                        .build();
                NodeRegistry<WorkerInfo> workers = NodeRegistry.builder(store, NodeCodec.json(WorkerInfo.class))
                        .root(JobBoard.FLEET)
                        .build();
                JobWorker worker = new JobWorker(store, settings, workers, jobs.view(JobBoard.JOBS), handler)) {
            Job mine = Job.waiting("a", "payload").assignedTo("w-1", 1);
            jobs.updateNode(JobBoard.JOBS, "long", mine);
            assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
            jobs.updateNode(JobBoard.JOBS, "long", Job.waiting("a", "payload").assignedTo("w-2", 2));
            assertThat(interrupted.await(1, TimeUnit.MINUTES)).isTrue();
            jobs.updateNode(JobBoard.JOBS, "short", mine);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(results(store, "short")).containsExactly("w-1: did short"));
            assertThat(results(store, "long")).isEmpty();
            assertThat(worker).isNotNull();
        }
    }

    private static List<String> results(KvBackend store, String jobId) throws InterruptedException {
        return Futures.await(store.list(JobBoard.results(jobId))).entries().stream()
                .map(KeyValue::value)
                .map(value -> value.utf8())
                .toList();
    }
}
