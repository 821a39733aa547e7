package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Decides what goes to a store as one request. While few requests are under way, a job is due at once; what arrives meanwhile waits for one of them to end
 * and is then due together. So an idle store replies as fast as it can, and a busy one gets batches. No job waits for a batch to fill, and there is no
 * timer.
 *
 * <p>Jobs name the keys that they claim, and those whose claims exclude each other never share a request. They keep their order: no job is sent before an
 * earlier one that claims the same key, unless that has to wait {@linkplain #addAgain again}. If such claims keep batches small, more of them may be under
 * way.
 *
 * <p>Not safe for use by several threads: its owner confines or guards it.
 *
 * @param <J> a job
 */
public final class BatchQueue<J extends BatchQueue.Job> {
    /** Of requests kept small by claims, which would otherwise make a queue for one key much slower than its store. */
    private static final int MOST_SMALL_UNDER_WAY = 16;
    /** How many times the size of a batch is looked at to find jobs that can go together. */
    private static final int LOOKED_AT = 4;

    private final int mostUnderWay;
    private final int mostJobs;
    private long mostBytes;
    private final Deque<J> waiting = new ArrayDeque<>();
    private int underWay;
    private int limit;
    private boolean crowded;

    /** Something that is to be sent. */
    public interface Job {
        /** About how much it adds to a request, in bytes. */
        int bytes();

        /** What it touches, and how. */
        Map<?, Claim> claims();
    }

    /** How a job touches something. Two jobs with claims to the same thing can share a request if both are {@link #READ}, or both {@link #ADD}. */
    public enum Claim {
        /** Depends on its state. */
        READ,
        /** Changes it, in a way that does not depend on the order of such changes. */
        ADD,
        /** Changes it. */
        WRITE
    }

    /**
     * An empty queue.
     *
     * @param mostUnderWay how many requests may be under way at a time
     * @param mostJobs how many jobs a request may have
     * @param mostBytes how much a request may hold, unless a single job is larger
     */
    public BatchQueue(int mostUnderWay, int mostJobs, long mostBytes) {
        this.mostUnderWay = mostUnderWay;
        this.mostJobs = mostJobs;
        this.mostBytes = mostBytes;
        this.limit = mostJobs;
    }

    /** Lets a job wait for its turn. */
    public void add(J job) {
        waiting.addLast(requireNonNull(job, "job"));
    }

    /** Lets jobs wait again whose request had no effect, before all others. */
    public void addAgain(List<? extends J> jobs) {
        for (int i = jobs.size() - 1; i >= 0; i--) {
            waiting.addFirst(jobs.get(i));
        }
    }

    /**
     * What is to be sent now as one request, which is then under way until {@link #ended}; empty if nothing is. To be called after each {@code add} and
     * {@code ended} until it returns nothing.
     */
    public List<J> next() {
        if (waiting.isEmpty() || underWay >= (crowded ? MOST_SMALL_UNDER_WAY : mostUnderWay)) {
            return List.of();
        }
        underWay++;
        if (limit == 1 || waiting.size() == 1) {
            return List.of(waiting.remove());
        }
        return gather();
    }

    /** The first that waits, and those behind it that can go with it, past those that cannot. */
    private List<J> gather() {
        List<J> batch = new ArrayList<>();
        List<J> passed = new ArrayList<>();
        Map<Object, Claim> claims = new HashMap<>();
        Map<Object, Claim> bypassed = new HashMap<>();
        long bytes = 0;
        for (int looks = LOOKED_AT * limit; looks > 0 && batch.size() < limit && !waiting.isEmpty(); looks--) {
            J job = waiting.element();
            bytes += job.bytes();
            if (bytes > mostBytes && !batch.isEmpty()) {
                break;
            }
            waiting.remove();
            if (fits(job, claims) && fits(job, bypassed)) {
                batch.add(job);
                claims.putAll(job.claims());
            } else {
                bytes -= job.bytes();
                passed.add(job);
                job.claims().keySet().forEach(thing -> bypassed.put(thing, Claim.WRITE));
            }
        }
        addAgain(passed);
        crowded = !passed.isEmpty();
        return batch;
    }

    private static boolean fits(Job job, Map<Object, Claim> claims) {
        if (claims.isEmpty()) {
            return true;
        }
        for (Map.Entry<?, Claim> claim : job.claims().entrySet()) {
            Claim other = claims.get(claim.getKey());
            if (other != null && (other == Claim.WRITE || other != claim.getValue())) {
                return false;
            }
        }
        return true;
    }

    /** A request has ended, whatever became of it. */
    public void ended() {
        underWay--;
        // Carefully back to full size, if a refusal has made it smaller.
        limit = Math.min(mostJobs, limit + 1 + limit / 8);
        if (waiting.isEmpty()) {
            crowded = false;
        }
    }

    /** Makes the next batches smaller; they grow again while all goes well. */
    public void limit(int jobs) {
        limit = Math.max(1, Math.min(mostJobs, jobs));
    }

    /** Lets the next requests hold this much, unless a single job is larger. */
    public void limitBytes(long bytes) {
        mostBytes = bytes;
    }

    /** Takes out those that wait and for which this holds. */
    public List<J> remove(Predicate<? super J> wanted) {
        List<J> removed = waiting.stream().filter(wanted).toList();
        if (!removed.isEmpty()) {
            waiting.removeIf(wanted);
        }
        return removed;
    }

    /** Takes out everything that waits. */
    public List<J> drain() {
        List<J> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }
}
