package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node in a process of its own, {@code rollcall nodes register}, which can really be killed. */
/* Concurrency: confined to the story's thread, but for what a process says, which a thread of its own reads and hands over as a future. */
final class ProcessNode implements DemoNode {
    /** What the command puts before each line that it says. */
    private static final String PREFIX = "rollcall: ";

    private final String url;
    private final String kind;
    private final Duration ttl;
    private @Nullable Process process;

    /** Why the process that runs has ended by itself, once it has. */
    private CompletableFuture<NodeFailure> ended = new CompletableFuture<>();

    ProcessNode(String url, String kind, Duration ttl) {
        this.url = url;
        this.kind = kind;
        this.ttl = ttl;
    }

    @Override
    public void start(NodeStatus status) {
        close();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.rollcall.cli.Main",
                "nodes",
                "register",
                kind,
                "--ttl",
                ttl.toString()));
        // The URL may hold a password, and other users can read a process's arguments.
        builder.environment().put("ROLLCALL_BACKEND", url);
        // What it says of itself would be written across the demo's own display; what it does is seen by the watcher,
        // and the rest when it fails.
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        try {
            Process started = builder.start();
            process = started;
            follow(started, ended);
        } catch (IOException e) {
            ended.complete(
                    new NodeFailure("its process could not be started: " + PlainText.sentence(e), ExitCode.REFUSED));
        }
        update(status);
    }

    /** Reads what the process says until it has ended, and keeps the last line, which tells why. */
    private static void follow(Process process, CompletableFuture<NodeFailure> ended) {
        Thread thread = new Thread(
                null,
                () -> {
                    String last = "";
                    try (BufferedReader said = process.errorReader()) {
                        for (String line = said.readLine(); line != null; line = said.readLine()) {
                            last = line.isBlank() ? last : line;
                        }
                    } catch (IOException e) {
                        last = "what it said could not be read: " + e.getMessage();
                    }
                    String reason = last;
                    process.onExit().thenAccept(over -> ended.complete(failure(reason, over.exitValue())));
                },
                "rollcall-demo-node",
                0,
                false);
        thread.setDaemon(true);
        thread.start();
    }

    private static NodeFailure failure(String said, int code) {
        String reason = said.startsWith(PREFIX) ? said.substring(PREFIX.length()) : said;
        boolean explained = code >= ExitCode.REFUSED && code <= ExitCode.DENIED;
        return new NodeFailure(
                "its process has ended with exit code " + code
                        + (reason.isEmpty() ? "" : "; the last that it said is: " + PlainText.of(reason)),
                explained ? code : ExitCode.REFUSED);
    }

    @Override
    public @Nullable NodeFailure failure() {
        return ended.getNow(null);
    }

    /** Gives the process out of hand, so that its end is no failure. */
    private @Nullable Process dismiss() {
        Process former = process;
        process = null;
        ended = new CompletableFuture<>();
        return former;
    }

    @Override
    public void update(NodeStatus status) {
        if (process == null) {
            return;
        }
        Bytes json = NodeCodec.tidbBinlog().encode(status);
        try {
            OutputStream input = process.getOutputStream();
            input.write((json.utf8() + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException e) {
            // Nobody reads it any more: the process has ended, and failure() tells why.
        }
    }

    @Override
    public void crash() {
        Process victim = dismiss();
        if (victim != null) {
            victim.destroyForcibly();
        }
    }

    @Override
    public void close() {
        Process leaving = dismiss();
        if (leaving == null) {
            return;
        }
        try {
            leaving.getOutputStream().close();
            if (!leaving.waitFor(10, TimeUnit.SECONDS)) {
                leaving.destroyForcibly();
            }
        } catch (IOException e) {
            leaving.destroyForcibly();
        } catch (InterruptedException e) {
            leaving.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
