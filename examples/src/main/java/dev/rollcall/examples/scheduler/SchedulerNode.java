package dev.rollcall.examples.scheduler;

import com.google.inject.Inject;
import com.google.inject.Singleton;
import com.google.inject.name.Named;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeView;

/** One process of the scheduler, from when it is made until it is closed: a worker, and a candidate for the leadership. */
@Singleton
public final class SchedulerNode implements AutoCloseable {
    private final Dispatcher dispatcher;
    private final JobWorker worker;

    @Inject
    SchedulerNode(
            KvBackend store,
            NodeSettings settings,
            NodeRegistry<WorkerInfo> registry,
            @Named(JobBoard.WORKERS) NodeView<WorkerInfo> workers,
            @Named(JobBoard.JOBS) NodeView<Job> jobs,
            JobHandler handler) {
        this.worker = new JobWorker(store, settings, registry, jobs, handler);
        try {
            this.dispatcher = new Dispatcher(store, settings, workers, jobs);
        } catch (RuntimeException | Error e) {
            worker.close();
            throw e;
        }
    }

    /** Leaves: what it has not finished goes to others at once. */
    @Override
    public void close() {
        try {
            worker.close();
        } finally {
            dispatcher.close();
        }
    }
}
