package dev.rollcall.examples.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import com.google.inject.name.Names;
import dev.rollcall.coordination.Leader;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.guice.RegistryLifecycle;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeFilters;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The scheduler from end to end, the same on every store. Waits for what happens, and for no time. */
abstract class SchedulerSuite {
    private static final Map<String, String> ZONES = Map.of("w-1", "a", "w-2", "a", "w-3", "b", "w-4", "b");

    private final Map<String, RunningNode> nodes = new LinkedHashMap<>();
    private final List<String> submitted = new ArrayList<>();
    private final Assignments assignments = new Assignments();
    private String url = "";
    private Injector observer;
    private JobClient client;
    private NodeView<WorkerInfo> workers;
    private LeaderElection election;

    /** An empty store. */
    abstract String newUrl();

    /** Starts a node on the store. */
    abstract RunningNode start(String url, String id, String zone);

    @BeforeEach
    void observe() {
        url = newUrl();
        // It asks once for what it asserts, and may have to wait for a turn.
        observer = SchedulerMain.node(url + "?timeout=60s", "observer", "nowhere");
        client = observer.getInstance(JobClient.class);
        workers = observer.getInstance(
                Key.get(new TypeLiteral<NodeView<WorkerInfo>>() {}, Names.named(JobBoard.WORKERS)));
        KvBackend store = observer.getInstance(KvBackend.class);
        election = LeaderElection.open(store, JobBoard.ELECTION);
        assignments.follow(store);
    }

    @AfterEach
    void closeAll() {
        nodes.values().forEach(RunningNode::close);
        election.close();
        observer.getInstance(RegistryLifecycle.class).close();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofMinutes(4))
                .untilAsserted(assertion);
    }

    private void start(String id, String zone) {
        nodes.put(id, start(url, id, zone));
    }

    private RunningNode node(String id) {
        return Objects.requireNonNull(nodes.get(id), id);
    }

    private void submit(String id, String zone, String payload) throws InterruptedException {
        assertThat(client.submit(id, zone, payload)).isTrue();
        submitted.add(id);
    }

    private String awaitLeader() throws InterruptedException {
        eventually(() -> assertThat(Futures.await(election.readLeader())).isPresent());
        Optional<Leader> leader = Futures.await(election.readLeader());
        return leader.map(Leader::candidateId).orElseGet(() -> "w-1");
    }

    private Job.State state(String id) {
        return client.job(id).map(Job::state).orElse(Job.State.WAITING);
    }

    private void eventuallyAlive(String... ids) {
        eventually(() -> assertThat(workers.nodes())
                .filteredOn(Node::isAlive)
                .extracting(Node::nodeId)
                .containsExactlyInAnyOrder(ids));
    }

    /** Jobs that its zone's workers would leave to this one. */
    private List<String> idsFor(String worker, String zone) {
        Selector<WorkerInfo> choice = Selector.<WorkerInfo>rendezvousHash()
                .filter(NodeFilters.labelled(WorkerInfo::labels, WorkerInfo.ZONE, zone));
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "hang-" + i)
                .filter(id -> choice.select(workers, id)
                        .map(Node::nodeId)
                        .filter(worker::equals)
                        .isPresent())
                .limit(3)
                .toList();
    }

    @Test
    void everyJobIsDoneOnceThoughAWorkerAndTheLeaderDie() throws InterruptedException {
        ZONES.forEach(this::start);
        eventuallyAlive("w-1", "w-2", "w-3", "w-4");
        String first = awaitLeader();
        String victim = ZONES.keySet().stream()
                .filter(id -> !id.equals(first))
                .sorted()
                .findFirst()
                .orElseThrow();
        String zone = Objects.requireNonNull(ZONES.get(victim));
        eventually(() -> assertThat(idsFor(victim, zone)).hasSize(3));
        List<String> hanging = idsFor(victim, zone);
        for (String id : hanging) {
            submit(id, zone, "20@" + victim);
        }
        for (int i = 0; i < 24; i++) {
            submit("job-" + i, i % 2 == 0 ? "a" : "b", "20");
        }
        eventually(() -> {
            assertThat(hanging).extracting(this::state).doesNotContain(Job.State.WAITING);
            assertThat(submitted).extracting(this::state).contains(Job.State.DONE);
        });

        node(victim).crash();
        eventually(() -> assertThat(awaitLeader()).isNotEqualTo(victim));
        String leader = awaitLeader();
        node(leader).crash();
        for (int i = 24; i < 32; i++) {
            submit("job-" + i, i % 2 == 0 ? "a" : "b", "20");
        }
        start("w-5", "a");
        start("w-6", "b");

        eventually(() -> assertThat(submitted).extracting(this::state).containsOnly(Job.State.DONE));
        eachHasOneResultByWhomItWasGivenTo();
        assertThat(hanging)
                .allSatisfy(
                        id -> assertThat(client.job(id).orElseThrow().worker()).isNotEqualTo(victim));
        assignments.wereMadeByOneLeaderAfterTheOther();
        eventually(() -> assertThat(awaitLeader()).isNotEqualTo(leader));
        eventually(() -> assertThat(workers.nodes())
                .extracting(Node::nodeId)
                .contains("w-5", "w-6")
                .doesNotContain(victim, leader));

        // Who was cut off and comes back finds that nothing waits for it, and changes nothing.
        node(victim).comeBack();
        node(leader).comeBack();
        submit("last", "a", "20");
        eventually(() -> assertThat(state("last")).isEqualTo(Job.State.DONE));
        eachHasOneResultByWhomItWasGivenTo();
        assignments.wereMadeByOneLeaderAfterTheOther();
    }

    private void eachHasOneResultByWhomItWasGivenTo() throws InterruptedException {
        for (String id : submitted) {
            String worker = client.job(id).orElseThrow().worker();
            assertThat(client.results(id)).containsExactly(worker + ": did " + id);
        }
    }

    @Test
    void theWorkOfWhoeverGoesIsHandedOn() throws InterruptedException {
        start("w-1", "a");
        start("w-2", "a");
        eventuallyAlive("w-1", "w-2");
        List<String> hanging = idsFor("w-1", "a");
        for (String id : hanging) {
            submit(id, "a", "20@w-1");
        }
        submit("elsewhere", "c", "20");
        eventually(() -> assertThat(hanging).extracting(this::state).doesNotContain(Job.State.WAITING));
        node("w-1").close();
        eventually(() -> assertThat(hanging).extracting(this::state).containsOnly(Job.State.DONE));
        // Nobody has this label, so it waits, and is not lost.
        assertThat(state("elsewhere")).isEqualTo(Job.State.WAITING);
        start("w-3", "c");
        eventually(() -> assertThat(state("elsewhere")).isEqualTo(Job.State.DONE));
        eachHasOneResultByWhomItWasGivenTo();
    }
}
