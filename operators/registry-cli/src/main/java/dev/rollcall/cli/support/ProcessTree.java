package dev.rollcall.cli.support;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process and all that it has started: a shell that is told to end does not tell the command that it waits for. */
public final class ProcessTree {
    private ProcessTree() {}

    /** Tells a process and its descendants to end (SIGTERM), and kills what is left after {@code grace}. Waits for that also if interrupted. */
    public static void end(Process process, Duration grace) {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        boolean interrupted = false;
        long end = System.nanoTime() + grace.toNanos();
        while (all.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() - end < 0) {
            try {
                process.waitFor(20, TimeUnit.MILLISECONDS);
                if (!process.isAlive()) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        all.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
