package dev.rollcall.examples.scheduler;

import com.google.inject.Guice;
import com.google.inject.Injector;
import dev.rollcall.guice.RegistryLifecycle;
import dev.rollcall.guice.StoreConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * Runs the scheduler.
 *
 * <pre>
 * SchedulerMain URL             three nodes in this process run a dozen jobs and say who did what
 * SchedulerMain URL ID ZONE     one node, until it is killed
 * </pre>
 */
public final class SchedulerMain {
    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private SchedulerMain() {}

    public static void main(String[] args) throws InterruptedException {
        String url = args.length > 0 ? args[0] : "inmemory:scheduler";
        if (args.length >= 3) {
            Injector injector = node(url, args[1], args[2]);
            SchedulerNode node = injector.getInstance(SchedulerNode.class);
            // Whoever says goodbye need not be waited for.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                close(node);
                close(injector.getInstance(RegistryLifecycle.class));
            }));
            new CountDownLatch(1).await();
        } else {
            demo(url);
        }
    }

    /** A node's injector. Its jobs do nothing but take their time, or hang: {@code 30} takes 30 ms, {@code 30@w-1} never ends on {@code w-1}. */
    static Injector node(String url, String id, String zone) {
        return Guice.createInjector(new SchedulerModule(
                StoreConfig.of(url), new NodeSettings(id, zone, TTL), (jobId, job) -> {
                    String[] payload = job.payload().split("@", 2);
                    boolean hangs = payload.length == 2 && payload[1].equals(id);
                    Thread.sleep(hangs ? Long.MAX_VALUE : Long.parseLong(payload[0]));
                    return "did " + jobId;
                }));
    }

    private static void demo(String url) throws InterruptedException {
        Deque<AutoCloseable> running = new ArrayDeque<>();
        List<String> ids = new ArrayList<>();
        try {
            for (String id : List.of("w-1", "w-2", "w-3")) {
                Injector injector = node(url, id, "here");
                running.push(injector.getInstance(RegistryLifecycle.class));
                running.push(injector.getInstance(SchedulerNode.class));
            }
            Injector outside = node(url, "client", "nowhere");
            running.push(outside.getInstance(RegistryLifecycle.class));
            JobClient client = outside.getInstance(JobClient.class);
            // The store may still know the jobs of an earlier run.
            String run = UUID.randomUUID().toString().substring(0, 8);
            for (int i = 1; i <= 12; i++) {
                String id = "job-" + run + "-" + i;
                ids.add(id);
                client.submit(id, "here", "30");
            }
            long deadline = System.nanoTime() + LONGEST.toNanos();
            for (String id : ids) {
                while (client.results(id).isEmpty()) {
                    if (System.nanoTime() - deadline > 0) {
                        throw new IllegalStateException("The job '" + id + "' was not done in time.");
                    }
                    Thread.sleep(20);
                }
                System.out.println(client.results(id).get(0));
            }
        } finally {
            running.forEach(SchedulerMain::close);
        }
    }

    private static void close(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            System.err.println("Could not be closed: " + e);
        }
    }
}
