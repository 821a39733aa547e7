package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.zookeeper.ZooKeeperStores;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Runs the command in this process on one store. */
final class CommandRun {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final String url;

    private CommandRun(String url) {
        this.url = url;
    }

    /** What a run came to. */
    record Result(int code, String out, String err) {}

    /** An empty store of each kind: in memory, and on the etcd and the ZooKeeper that all tests share. */
    static Stream<String> urls() {
        return Stream.of(
                "inmemory:command-" + STORES.incrementAndGet(),
                EtcdStores.newUrl() + "?timeout=30s",
                ZooKeeperStores.newUrl() + "?timeout=30s&sessionTimeout=30s");
    }

    static CommandRun on(String url) {
        return new CommandRun(url);
    }

    Result run(String... args) {
        return of(onThis(args));
    }

    private String[] onThis(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        // Before a command of its own, which would take it for its argument.
        int end = all.indexOf("--");
        all.addAll(end < 0 ? all.size() : end, List.of("--backend", url));
        return all.toArray(String[]::new);
    }

    /** Runs exactly this. */
    static Result of(String... args) {
        return of(new StringWriter(), new StringWriter(), args);
    }

    private static Result of(StringWriter out, StringWriter err, String... args) {
        CommandLine command =
                Main.commandLine(args).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = command.execute(args);
        return new Result(code, out.toString(), err.toString());
    }

    /** Runs what has to succeed with {@code input} as its standard input; gives what it printed. */
    String okWith(String input, String... args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return ok(args);
        } finally {
            System.setIn(before);
        }
    }

    /** A command that runs on a thread of its own until it is interrupted. */
    static final class Running implements AutoCloseable {
        private static final Duration PATIENCE = Duration.ofMinutes(2);

        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Result> result = new CompletableFuture<>();
        private final Thread thread;

        private Running(String[] args) {
            this.thread = new Thread(() -> result.complete(CommandRun.of(out, err, args)), "command-run");
            thread.start();
        }

        /** Waits until it has printed this, and gives all of it. */
        String awaitOut(String text) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(out.toString()).as(err.toString()).contains(text);
            });
            return out.toString();
        }

        /** Interrupts it, as Ctrl-C does. */
        Result interrupt() {
            thread.interrupt();
            assertThat(result).succeedsWithin(PATIENCE);
            return result.getNow(null);
        }

        @Override
        public void close() {
            interrupt();
        }
    }

    /** Starts what runs until it is interrupted. */
    Running start(String... args) {
        return new Running(onThis(args));
    }

    /** Runs what has to succeed; gives what it printed. */
    String ok(String... args) {
        Result result = run(args);
        assertThat(result.code())
                .as("%s: %s", String.join(" ", args), result.err())
                .isZero();
        return result.out();
    }

    /** Runs what has to fail, in one line and with this code. */
    void refused(int code, String message, String... args) {
        Result result = run(args);
        assertThat(result.code())
                .as("%s: %s%s", String.join(" ", args), result.out(), result.err())
                .isEqualTo(code);
        assertThat(result.err()).contains(message).startsWith("rollcall: ").hasLineCount(1);
    }
}
