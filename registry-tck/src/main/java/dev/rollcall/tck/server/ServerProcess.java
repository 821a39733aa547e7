package dev.rollcall.tck.server;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A server that runs as a process of its own: it can be killed as by {@code kill -9}, stopped and continued, and started again with the
 * same command, hence on the same data. It ends with this JVM at the latest, provided that this one may still run its shutdown hooks.
 * Its log stays; what it {@linkplain #keeps keeps} on disk goes with it, since hundreds of servers of a build would fill a disk.
 */
public final class ServerProcess implements AutoCloseable {
    /* Limits that only a hang reaches, also on a machine where many processes wait for few processors. */
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
    private static final int SHOWN_LOG_CHARACTERS = 4_000;

    /* Concurrency: everything but the shutdown hook, which only reads process and data, is done by one thread at a time under the monitor. */
    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final BooleanSupplier ready;
    private final Thread hook;
    private volatile @Nullable Path data;
    private volatile @Nullable Process process;

    /**
     * What to run.
     *
     * @param log takes what the server prints; its directory is made if needed
     * @param ready probes whether the server serves; called again and again while it starts, must return within a second or so
     */
    public ServerProcess(
            String name, List<String> command, Map<String, String> environment, Path log, BooleanSupplier ready) {
        this.name = requireNonNull(name, "name");
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.log = requireNonNull(log, "log");
        this.ready = requireNonNull(ready, "ready");
        this.hook = new Thread(null, this::end, "stop-" + name, 0, false);
    }

    /** Says where the server keeps its data; that directory is deleted when this is closed, and when the JVM ends. */
    public synchronized ServerProcess keeps(Path directory) {
        this.data = requireNonNull(directory, "directory");
        return this;
    }

    /** Starts the server, without waiting for it. */
    public synchronized ServerProcess launch() {
        Process running = process;
        if (running != null && running.isAlive()) {
            throw new IllegalStateException(name + " is running already.");
        }
        try {
            Files.createDirectories(requireNonNull(log.toAbsolutePath().getParent()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            if (running == null) {
                Runtime.getRuntime().addShutdownHook(hook);
            }
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " could not be started.", e);
        }
        return this;
    }

    /** Waits until the server serves. */
    public synchronized ServerProcess awaitReady() {
        Process running = requireNonNull(process, "process");
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        // Alive as well: somebody else may serve at its port.
        while (!ready.getAsBoolean() || !running.isAlive()) {
            if (!running.isAlive()) {
                throw new IllegalStateException("The server did not start: " + report());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        "The server did not serve within " + START_LIMIT.toSeconds() + " s: " + report());
            }
            pauseBriefly(running, 20);
        }
        return this;
    }

    /** Starts the server and waits until it serves. */
    public ServerProcess start() {
        return launch().awaitReady();
    }

    /** Kills the process without giving it a chance to do anything, and waits until it is gone. */
    public synchronized void kill() {
        destroy();
        Process running = process;
        if (running != null) {
            try {
                if (!running.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException(name + " survived being killed.");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Stops the process where it is, and waits until it stands still; its connections stay open. */
    public void pause() {
        Process running = signal("-STOP");
        // Only the thread that takes the signal stops the others; on a busy machine they go on serving until it gets
        // its turn.
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        while (!hasStopped(running)) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        name + " did not stand still within " + STOP_LIMIT.toSeconds() + " s of being stopped.");
            }
            pauseBriefly(running, 1);
        }
    }

    /** Whether no thread of the process runs any more. Where the system does not show threads as Linux does, nobody can tell. */
    private static boolean hasStopped(Process running) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + running.pid() + "/task"))) {
            for (Path thread : threads) {
                if (isRunning(thread)) {
                    return false;
                }
            }
            return true;
        } catch (NotDirectoryException | NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("The state of a process could not be read.", e);
        }
    }

    private static boolean isRunning(Path thread) throws IOException {
        try {
            String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
            // After the name, which stands in parentheses and may hold others.
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return "TtZXx".indexOf(state) < 0;
        } catch (NoSuchFileException e) {
            // It has ended meanwhile.
            return false;
        }
    }

    /** Lets the process go on. */
    public void resume() {
        signal("-CONT");
    }

    /** Whether the process runs, or is paused. */
    public boolean isAlive() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** Where the server prints to. */
    public Path log() {
        return log;
    }

    /** In words: whether it runs, how it ended if not, and the last lines that it has printed. */
    public String report() {
        Process running = process;
        String state;
        if (running == null) {
            state = " has not been launched.";
        } else if (running.isAlive()) {
            state = " runs as process " + running.pid() + ".";
        } else {
            state = " has ended with code " + running.exitValue() + ".";
        }
        return name + state + "\n" + tail();
    }

    /** Kills the process, and deletes what it keeps. */
    @Override
    public void close() {
        kill();
        deleteData();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is going down, and the hook is running or has run.
            return;
        }
    }

    private void end() {
        kill();
        deleteData();
    }

    private void deleteData() {
        Path directory = data;
        if (directory != null) {
            ServerData.delete(directory);
        }
    }

    private void destroy() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    private Process signal(String signal) {
        Process running = requireNonNull(process, "process");
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(running.pid()))
                    .redirectErrorStream(true)
                    .start();
            if (!kill.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("The signal " + signal + " could not be sent to " + name + ".");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The signal " + signal + " could not be sent to " + name + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return running;
    }

    private String tail() {
        try {
            String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
            return text.substring(Math.max(0, text.length() - SHOWN_LOG_CHARACTERS));
        } catch (IOException e) {
            return "(its log " + log + " cannot be read: " + e + ")";
        }
    }

    /** Waits for the process to end, which is the one event that would make further probing pointless. */
    private static void pauseBriefly(Process running, int millis) {
        try {
            if (running.waitFor(millis, TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a server.", e);
        }
    }
}
