package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.ProcessTree;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KeyValue;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A shell command that is run for each change that a watch tells of, one after the other. {@link #run} is for the watch's thread. */
/* Concurrency: stopped is set before running is read, and running before stopped is read again, so that no process is missed. */
final class ChangeCommand {
    /** Linux refuses a process with a longer variable. */
    private static final int LONGEST_VARIABLE = 100 * 1024;

    /** How long it may take to end when it is told to. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final String command;
    private final Output output;
    private volatile @Nullable Process running;
    private volatile boolean stopped;

    ChangeCommand(String command, Output output) {
        this.command = command;
        this.output = output;
    }

    /** Runs it, with the value on its standard input, and waits for its end; that it fails is said and is no reason to stop. */
    void run(String event, String path, long revision, @Nullable KeyValue entry) throws InterruptedException {
        if (stopped) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command);
        Map<String, String> environment = builder.environment();
        environment.put("ROLLCALL_EVENT", event);
        environment.put("ROLLCALL_KEY", path);
        environment.put("ROLLCALL_REVISION", Long.toString(revision));
        environment.remove("ROLLCALL_VALUE");
        Bytes value = entry == null ? Bytes.EMPTY : entry.value();
        if (value.size() <= LONGEST_VARIABLE) {
            Entries.text(value)
                    .filter(text -> text.indexOf('\0') < 0)
                    .ifPresent(text -> environment.put("ROLLCALL_VALUE", text));
        }
        builder.redirectOutput(ProcessBuilder.Redirect.INHERIT).redirectError(ProcessBuilder.Redirect.INHERIT);
        try {
            Process process = builder.start();
            running = process;
            if (stopped) {
                endIfAlive(process);
            }
            try {
                feed(process, value);
                int code = process.waitFor();
                if (code != 0 && !stopped) {
                    output.say("The command for " + event + " of '" + path + "' at revision " + revision
                            + " ended with " + code);
                }
            } finally {
                running = null;
                endIfAlive(process);
            }
        } catch (IOException e) {
            output.say("The command for '" + path + "' could not be started: " + e.getMessage());
        }
    }

    private static void feed(Process process, Bytes value) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(value.toByteArray());
        } catch (IOException e) {
            // It does not read its input, or not all of it, which is its own matter.
        }
    }

    /** Ends what runs, and runs nothing more; from any thread. */
    void stop() {
        stopped = true;
        Process process = running;
        if (process != null) {
            endIfAlive(process);
        }
    }

    /** What a command that has ended has left in the background was meant to stay. */
    private static void endIfAlive(Process process) {
        if (process.isAlive()) {
            ProcessTree.end(process, GRACE);
        }
    }
}
