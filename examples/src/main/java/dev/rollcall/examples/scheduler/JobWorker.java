package dev.rollcall.examples.scheduler;

import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Registers itself, runs what it is given, one job after another, and stores the results. A result counts only while the job is still as it was given: if the worker
 * was thought dead and another has the job, the store refuses it.
 */
/* Concurrency: runs is confined to the beat's thread; what a run shares with the thread that works and with the store's is volatile. */
final class JobWorker implements AutoCloseable {
    private final KvBackend store;
    private final String id;
    private final NodeView<Job> jobs;
    private final JobHandler handler;
    private final Registration<WorkerInfo> registration;
    private final ExecutorService hands;
    private final Map<String, Run> runs = new HashMap<>();
    private final Beat beat;
    private final Subscription subscription;

    private static final class Run {
        final Node<Job> given;
        final Future<?> work;
        volatile @Nullable String result;
        volatile boolean told;

        Run(Node<Job> given, ExecutorService hands, Consumer<Run> work) {
            this.given = given;
            this.work = hands.submit(() -> work.accept(this));
        }

        boolean isOf(Node<Job> job) {
            return given.revision() == job.revision();
        }
    }

    JobWorker(
            KvBackend store,
            NodeSettings settings,
            NodeRegistry<WorkerInfo> workers,
            NodeView<Job> jobs,
            JobHandler handler) {
        this.store = store;
        this.id = settings.id();
        this.jobs = jobs;
        this.handler = handler;
        // First, as it may fail, and nothing else is there to be closed yet.
        this.registration = workers.register(
                JobBoard.WORKERS,
                id,
                WorkerInfo.in(settings.zone()),
                RegistrationOptions.of(RegistrationMode.EPHEMERAL).withTtl(settings.ttl()));
        this.hands = Executors.newSingleThreadExecutor(task -> Beat.daemon("worker-" + id, task));
        this.beat = new Beat("worker-beat-" + id, this::look);
        this.subscription = jobs.listen(update -> beat.wake());
    }

    private void look() {
        List<Node<Job>> mine = jobs.nodes().sorted().stream()
                .filter(job -> job.value().state() == Job.State.ASSIGNED)
                .filter(job -> job.value().worker().equals(id))
                .toList();
        dropOthers(mine);
        for (Node<Job> job : mine) {
            tell(runs.computeIfAbsent(job.nodeId(), jobId -> new Run(job, hands, this::work)));
        }
    }

    /** What this worker has no longer is of no use to anybody, so it is interrupted, or not even begun. */
    private void dropOthers(List<Node<Job>> mine) {
        Map<String, Node<Job>> byId = new HashMap<>();
        mine.forEach(job -> byId.put(job.nodeId(), job));
        runs.entrySet().removeIf(entry -> {
            Node<Job> job = byId.get(entry.getKey());
            boolean dropped = job == null || !entry.getValue().isOf(job);
            if (dropped) {
                entry.getValue().work.cancel(true);
            }
            return dropped;
        });
    }

    private void work(Run run) {
        Node<Job> job = run.given;
        try {
            run.result = id + ": " + handler.run(job.nodeId(), job.value());
        } catch (Throwable e) {
            // Whatever it is, the job has ended; unless this worker was closed, when another begins it anew.
            if (!hands.isShutdown()) {
                run.result = id + " failed: " + e;
            }
        }
        beat.wake();
    }

    private void tell(Run run) {
        String result = run.result;
        if (result == null || run.told) {
            return;
        }
        Txn completion = completion(run.given, result);
        run.told = true;
        store.commit(completion).whenComplete((commit, failure) -> {
            // A condition that fails is final: the job is another's by now, or was done by an attempt whose answer was
            // lost. Anything else is tried again,
            // and cannot be applied twice.
            run.told = failure == null || failure instanceof ConditionFailedException;
        });
    }

    /** A result that no store takes, as it is too large, is a failure of the job. */
    private Txn completion(Node<Job> given, String result) {
        try {
            return JobBoard.completion(given, result);
        } catch (IllegalArgumentException e) {
            return JobBoard.completion(given, id + " failed, as its result cannot be stored: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        subscription.close();
        beat.close();
        hands.shutdownNow();
        registration.close();
    }
}
