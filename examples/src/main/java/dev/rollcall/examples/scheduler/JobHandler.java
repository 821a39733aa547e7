package dev.rollcall.examples.scheduler;

/** Does the work. Called on the worker's own thread, one job at a time; may be called for a job that another worker has run in part before. */
@FunctionalInterface
public interface JobHandler {
    /**
     * Runs a job.
     *
     * @return the result, which is stored if the worker still has the job then; a failure is stored in its place if it is too large for that or if this throws
     * @throws InterruptedException if the job has gone to another worker meanwhile, or goes there because this one is closed
     */
    String run(String jobId, Job job) throws InterruptedException;
}
