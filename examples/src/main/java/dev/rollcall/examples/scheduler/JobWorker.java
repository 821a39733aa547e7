package dev.rollcall.examples.scheduler;

import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.Member;
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
        final Member<Job> given;
        volatile @Nullable String result;
        volatile boolean told;

        Run(Member<Job> given) {
            this.given = given;
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
                RegistrationOptions.of(RegistrationMode.LEASED_RECORD).withTtl(settings.ttl()));
        this.hands = Executors.newSingleThreadExecutor(task -> Beat.daemon("worker-" + id, task));
        this.beat = new Beat("worker-beat-" + id, this::look);
        this.subscription = jobs.listen(update -> beat.wake());
    }

    private void look() {
        List<Member<Job>> mine = jobs.cut().sorted().stream()
                .filter(job -> job.value().state() == Job.State.ASSIGNED)
                .filter(job -> job.value().worker().equals(id))
                .toList();
        runs.keySet().retainAll(mine.stream().map(Member::nodeId).toList());
        for (Member<Job> job : mine) {
            Run run = runs.get(job.nodeId());
            if (run == null || run.given.node().revision() != job.node().revision()) {
                run = begin(job);
                runs.put(job.nodeId(), run);
            }
            tell(run);
        }
    }

    private Run begin(Member<Job> job) {
        Run run = new Run(job);
        hands.execute(() -> {
            try {
                run.result = id + ": " + handler.run(job.nodeId(), job.value());
            } catch (Throwable e) {
                // Whatever it is, the job has ended; unless this worker was closed, when another begins it anew.
                if (!hands.isShutdown()) {
                    run.result = id + " failed: " + e;
                }
            }
            beat.wake();
        });
        return run;
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
    private Txn completion(Member<Job> given, String result) {
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
