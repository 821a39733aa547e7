package dev.rollcall.examples.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerNodeTest {
    private static NodeSettings settings(String id) {
        return new NodeSettings(id, "a", Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"eu/w-1", ""})
    void anIdThatIsNoSegmentIsRefused(String id) {
        assertThatThrownBy(() -> settings(id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The id of a node must be one path segment, without '/', but is '" + id + "'.");
    }

    @Test
    void aNodeThatCannotBeMadeIsNoCandidate() throws InterruptedException {
        try (KvBackend store = InMemoryStore.builder().build().open();
                NodeRegistry<Job> jobs = NodeRegistry.builder(store, JobBoard.CODEC)
                        .root(JobBoard.WORK)
                        .build()) {
            NodeRegistry<WorkerInfo> workers = NodeRegistry.builder(store, NodeCodec.json(WorkerInfo.class))
                    .root(JobBoard.FLEET)
                    .build();
            var shown = workers.view(JobBoard.WORKERS);
            workers.close();
            assertThatThrownBy(() -> new SchedulerNode(
                            store, settings("w-1"), workers, shown, jobs.view(JobBoard.JOBS), (jobId, job) -> ""))
                    .isInstanceOf(RuntimeException.class);
            assertThat(Futures.await(store.list(JobBoard.ELECTION)).entries()).isEmpty();
        }
    }
}
