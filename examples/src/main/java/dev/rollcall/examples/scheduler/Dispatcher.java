package dev.rollcall.examples.scheduler;

import dev.rollcall.coordination.Candidacy;
import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Subscription;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeFilters;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Selector;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands for election, and while it leads gives each job that nobody has, or whose worker is gone, to a worker of its zone. All it knows is in local views, so a new
 * leader has nothing to take over; all it writes is guarded by its term, so one that was paused, and does not know that another leads by now, changes
 * nothing.
 */
/* Concurrency: passes run one at a time on the beat's thread; asked is a concurrent set, from which the store's threads remove. */
final class Dispatcher implements CandidateListener, AutoCloseable {
    private final KvBackend store;
    private final NodeView<WorkerInfo> workers;
    private final NodeView<Job> jobs;
    private final LeaderElection election;
    private final Candidacy candidacy;
    private final Set<Asked> asked = ConcurrentHashMap.newKeySet();
    private final Beat beat;
    private final List<Subscription> subscriptions;

    private record Asked(String jobId, long revision) {}

    Dispatcher(KvBackend store, NodeSettings settings, NodeView<WorkerInfo> workers, NodeView<Job> jobs) {
        this.store = store;
        this.workers = workers;
        this.jobs = jobs;
        this.election = LeaderElection.open(
                store, JobBoard.ELECTION, CoordinationOptions.defaults().withTtl(settings.ttl()));
        this.candidacy = election.join(settings.id(), this);
        this.beat = new Beat("dispatcher-" + settings.id(), this::dispatch);
        this.subscriptions = List.of(workers.listen(update -> beat.wake()), jobs.listen(update -> beat.wake()));
    }

    @Override
    public void onElected(FencingToken term) {
        // The views were followed all the time; the next beat has a leader.
    }

    @Override
    public void onLost(FencingToken term, String reason) {
        // What is under way is refused by the store.
    }

    private void dispatch() {
        FencingToken term = candidacy.token().orElse(null);
        if (term == null || workers.revision() == 0) {
            return;
        }
        for (Node<Job> job : jobs.nodes().sorted()) {
            if (needsWorker(job.value())) {
                choose(job).ifPresent(worker -> assign(term, job, worker.nodeId()));
            }
        }
    }

    private boolean needsWorker(Job job) {
        return switch (job.state()) {
            case WAITING -> true;
            case ASSIGNED -> {
                Node<WorkerInfo> worker = workers.get(job.worker());
                yield worker == null || !worker.isAlive();
            }
            case DONE -> false;
        };
    }

    /** The same worker for the same job, whoever leads, as long as the worker is there. */
    private Optional<Node<WorkerInfo>> choose(Node<Job> job) {
        return Selector.<WorkerInfo>rendezvousHash()
                .filter(NodeFilters.alive())
                .filter(NodeFilters.labelled(
                        WorkerInfo::labels, WorkerInfo.ZONE, job.value().zone()))
                .select(workers, job.nodeId());
    }

    private void assign(FencingToken term, Node<Job> job, String worker) {
        Asked once = new Asked(job.nodeId(), job.revision());
        if (asked.add(once)) {
            // Whatever comes of it, the view will tell; if nothing has, the next beat asks again.
            store.commit(JobBoard.assignment(term, job, worker)).whenComplete((commit, failure) -> asked.remove(once));
        }
    }

    @Override
    public void close() {
        subscriptions.forEach(Subscription::close);
        beat.close();
        election.close();
    }
}
