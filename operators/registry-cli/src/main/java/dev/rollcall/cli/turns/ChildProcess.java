package dev.rollcall.cli.turns;

import dev.rollcall.cli.support.ProcessTree;
import dev.rollcall.cli.support.UsageException;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A command that runs while a turn lasts, on the streams of this one. */
final class ChildProcess implements AutoCloseable {
    /** How shells say that a command does not exist, or may not be run. */
    private static final int NOT_FOUND = 127;

    private static final int NOT_EXECUTABLE = 126;

    private final Process process;
    private final CompletableFuture<Process> ended;
    private final Duration grace;

    private ChildProcess(Process process, Duration grace) {
        this.process = process;
        this.ended = process.onExit();
        this.grace = grace;
    }

    /** That a command could not be started, with the code that a shell would end with. */
    static final class NotStarted extends Exception {
        private static final long serialVersionUID = 1L;

        private final String reason;
        private final int code;

        NotStarted(String reason, int code) {
            super(reason);
            this.reason = reason;
            this.code = code;
        }

        String reason() {
            return reason;
        }

        int code() {
            return code;
        }
    }

    /** Refuses a command line without a command. */
    static void check(List<String> command) {
        if (command.isEmpty() || command.get(0).isEmpty()) {
            throw new UsageException("Give the command to run behind --, such as -- ./backup.sh.");
        }
    }

    /**
     * Starts a command.
     *
     * @param environment what it finds in its environment beside ours
     * @param grace how long it may take to end when it is told to
     */
    static ChildProcess start(List<String> command, Map<String, String> environment, Duration grace) throws NotStarted {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(environment);
        try {
            return new ChildProcess(builder.start(), grace);
        } catch (IOException e) {
            boolean missing = !isThere(command.get(0));
            throw new NotStarted(
                    "The command '" + command.get(0) + "' could not be started: "
                            + (missing ? "there is none" : e.getMessage()),
                    missing ? NOT_FOUND : NOT_EXECUTABLE);
        }
    }

    /** Whether there is a file of this name where the system looks for commands; why one was not started is in words that each JDK has of its own. */
    private static boolean isThere(String command) {
        if (command.contains(File.separator)) {
            return new File(command).exists();
        }
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(folder -> new File(folder.isEmpty() ? "." : folder, command).exists());
    }

    /** Completes when it has ended. */
    CompletableFuture<Process> ended() {
        return ended;
    }

    /** Its exit code, once it has ended; 128 and the signal's number if one ended it. */
    int code() {
        return process.exitValue();
    }

    /** Tells it and its children to end, and kills what is left after the grace. Waits for that also if interrupted. */
    @Override
    public void close() {
        ProcessTree.end(process, grace);
    }
}
