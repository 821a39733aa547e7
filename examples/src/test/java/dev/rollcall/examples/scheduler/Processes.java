package dev.rollcall.examples.scheduler;

import dev.rollcall.tck.server.ServerProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Nodes in processes of their own, which die by {@code kill -9}. */
final class Processes {
    private static final long RUN = System.nanoTime();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Processes() {}

    static RunningNode start(String url, String id, String zone) {
        String name = "scheduler-" + id + "-" + NUMBER.incrementAndGet();
        ServerProcess process = new ServerProcess(
                        name,
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SchedulerMain.class.getName(),
                                url,
                                id,
                                zone),
                        Map.of(),
                        Path.of("target", "servers", RUN + "-" + name + ".log"),
                        () -> true)
                .launch();
        return new RunningNode() {
            @Override
            public void crash() {
                process.kill();
            }

            @Override
            public void close() {
                process.close();
            }
        };
    }
}
