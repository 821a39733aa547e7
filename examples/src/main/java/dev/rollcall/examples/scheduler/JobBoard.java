package dev.rollcall.examples.scheduler;

import dev.rollcall.coordination.FencingToken;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;

/** Where things are in the store, and the transactions that keep them right. */
final class JobBoard {
    static final String JOBS = "jobs";
    static final String WORKERS = "workers";
    static final Directory WORK = Directory.of("/scheduler/work");
    static final Directory FLEET = Directory.of("/scheduler/fleet");
    static final Directory ELECTION = Directory.of("/scheduler/leader");
    static final Directory RESULTS = Directory.of("/scheduler/results");
    static final NodeCodec<Job> CODEC = NodeCodec.json(Job.class);

    private JobBoard() {}

    /** Refuses a name that would be a key of several segments. */
    static void checkSegment(String what, String name) {
        if (name.isEmpty() || name.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "The " + what + " must be one path segment, without '/', but is '" + name + "'.");
        }
    }

    static Key job(String jobId) {
        checkSegment("id of a job", jobId);
        return WORK.key(JOBS + "/" + jobId);
    }

    /** Where the results of a job are: one, if all is well, named by the revision at which the job was given away. */
    static Directory results(String jobId) {
        return Directory.of(RESULTS.path() + "/" + jobId);
    }

    /** Gives a job, as it was seen, to a worker: only if nobody has changed it since, and only while this leader's term lasts. */
    static Txn assignment(FencingToken term, Node<Job> seen, String worker) {
        Key key = job(seen.nodeId());
        Bytes assigned = CODEC.encode(seen.value().assignedTo(worker, term.revision()));
        return term.guard(Txn.builder()
                .ifRevision(key, seen.revision())
                .put(key, assigned)
                .build());
    }

    /** Stores a result and closes the job, both or neither: only while the job is as it was given to this worker. */
    static Txn completion(Node<Job> given, String result) {
        Key key = job(given.nodeId());
        long assignment = given.revision();
        return Txn.builder()
                .ifRevision(key, assignment)
                .put(key, CODEC.encode(given.value().done()))
                .put(results(given.nodeId()).key(Long.toString(assignment)), Bytes.ofUtf8(result))
                .build();
    }
}
