package dev.rollcall.benchmarks.stores;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** What this process has used so far. */
final class ProcessUsage {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final Path INPUT_AND_OUTPUT = Path.of("/proc/self/io");

    private ProcessUsage() {}

    /** The bytes that each live thread has allocated on the heap since it began, by the id of the thread. */
    static Map<Long, Long> allocations() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> allocations = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            // What has ended meanwhile has -1.
            allocations.put(ids[i], Math.max(0, bytes[i]));
        }
        return allocations;
    }

    /** The bytes that all threads have allocated since {@code before}, except for those that have ended. */
    static long allocatedSince(Map<Long, Long> before) {
        return allocations().entrySet().stream()
                .mapToLong(now -> Math.max(0, now.getValue() - before.getOrDefault(now.getKey(), 0L)))
                .sum();
    }

    /** The seconds that processors have spent on this process. */
    static double cpuSeconds() {
        return SYSTEM.getProcessCpuTime() / 1e9;
    }

    /**
     * The bytes that this process has read and written through sockets and files; empty where the system does not tell. While no class is
     * loaded, sockets are all there is.
     */
    static OptionalLong bytesMoved() {
        if (!Files.isReadable(INPUT_AND_OUTPUT)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Files.readAllLines(INPUT_AND_OUTPUT).stream()
                    .filter(line -> line.startsWith("rchar:") || line.startsWith("wchar:"))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(line.indexOf(':') + 1).trim()))
                    .sum());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
