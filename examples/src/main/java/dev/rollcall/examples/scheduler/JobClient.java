package dev.rollcall.examples.scheduler;

import com.google.inject.Inject;
import com.google.inject.name.Named;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeView;
import java.util.List;
import java.util.Optional;

/** What those do who have work to be done. */
public final class JobClient {
    private final KvBackend store;
    private final NodeView<Job> jobs;

    @Inject
    JobClient(KvBackend store, @Named(JobBoard.JOBS) NodeView<Job> jobs) {
        this.store = store;
        this.jobs = jobs;
    }

    /**
     * Submits a job; blocks. After a failure whose outcome is unknown it may be called again: an id is a job once.
     *
     * @return whether it was not there before
     */
    public boolean submit(String jobId, String zone, String payload) throws InterruptedException {
        try {
            Futures.await(store.create(JobBoard.job(jobId), JobBoard.CODEC.encode(Job.waiting(zone, payload))));
            return true;
        } catch (KeyExistsException e) {
            return false;
        }
    }

    /** How a job does, as far as is known here; empty if there is none. */
    public Optional<Job> job(String jobId) {
        return Optional.ofNullable(jobs.get(jobId)).map(Node::value);
    }

    /** The results of a job, by the store's word: none before it is done, and one after that. Blocks. */
    public List<String> results(String jobId) throws InterruptedException {
        return Futures.await(store.list(JobBoard.results(jobId))).entries().stream()
                .map(KeyValue::value)
                .map(value -> value.utf8())
                .toList();
    }
}
