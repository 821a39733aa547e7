package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How much a {@link Workload} does. It ends when each client has done its operations or the time is over, whichever comes first.
 *
 * @param seed decides what each client does; in which order the store does it is up to the threads
 * @param keys how many keys there are
 * @param clients how many threads, dealt out to the handles in turn
 * @param operations how many operations each client does at most
 * @param pause how long each client waits between two operations on average; zero for not at all
 * @param time how long it goes on at most
 * @param settling how long it waits afterwards for the store to answer and for watches to catch up
 */
public record WorkloadOptions(
        long seed, int keys, int clients, int operations, Duration pause, Duration time, Duration settling) {
    public WorkloadOptions {
        requireNonNull(pause, "pause");
        requireNonNull(time, "time");
        requireNonNull(settling, "settling");
        if (keys < 2 || clients < 1 || operations < 1) {
            throw new IllegalArgumentException("A workload needs two keys, a client and an operation, but has " + keys
                    + ", " + clients + " and " + operations + ".");
        }
    }

    /** Five clients with 100 operations each on four keys, within ten seconds. */
    public static WorkloadOptions of(long seed) {
        return new WorkloadOptions(seed, 4, 5, 100, Duration.ZERO, Duration.ofSeconds(10), Duration.ofSeconds(20));
    }

    /** The same with other numbers of keys, clients and operations. */
    public WorkloadOptions sized(int someKeys, int someClients, int someOperations) {
        return new WorkloadOptions(seed, someKeys, someClients, someOperations, pause, time, settling);
    }

    /** The same with other times. */
    public WorkloadOptions lasting(Duration someTime, Duration someSettling) {
        return new WorkloadOptions(seed, keys, clients, operations, pause, someTime, someSettling);
    }

    /** The same with clients that take their time. */
    public WorkloadOptions paced(Duration somePause) {
        return new WorkloadOptions(seed, keys, clients, operations, somePause, time, settling);
    }
}
