package dev.rollcall.cli.demo;

import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node in a process of its own, {@code rollcall nodes register}, which can really be killed. */
final class ProcessNode implements DemoNode {
    private final String url;
    private final String kind;
    private final Duration ttl;
    private @Nullable Process process;

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
        // What it says of itself would be written across the demo's own display; what it does is seen by the watcher.
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException("A process for the node cannot be started.", e);
        }
        update(status);
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
            throw new IllegalStateException("The process of node '" + status.nodeId() + "' has ended early.", e);
        }
    }

    @Override
    public void crash() {
        if (process != null) {
            process.destroyForcibly();
            process = null;
        }
    }

    @Override
    public void close() {
        if (process == null) {
            return;
        }
        Process leaving = process;
        process = null;
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
