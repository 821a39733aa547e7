package dev.rollcall.examples.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.coordination.Candidacy;
import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerNodeTest {
    private static final CandidateListener LISTENER = new CandidateListener() {
        @Override
        public void onElected(FencingToken term) {}

        @Override
        public void onLost(FencingToken term, String reason) {}
    };

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
    void aNodeThatCannotBeMadeIsNoCandidate() {
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
            // Whoever comes next waits for nobody.
            try (LeaderElection election = LeaderElection.open(store, JobBoard.ELECTION)) {
                Candidacy next = election.join("next", LISTENER);
                await().atMost(Duration.ofSeconds(90))
                        .untilAsserted(() -> assertThat(next.token()).isPresent());
            }
        }
    }

    @Test
    void jobsOfSeveralSegmentsAreRefused() {
        assertThatThrownBy(() -> JobBoard.job("a/b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a/b'");
    }
}
