package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.zookeeper.ZooKeeperStores;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
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
        List<String> all = new ArrayList<>(List.of(args));
        // Before a command of its own, which would take it for its argument.
        int end = all.indexOf("--");
        all.addAll(end < 0 ? all.size() : end, List.of("--backend", url));
        return of(all.toArray(String[]::new));
    }

    /** Runs exactly this. */
    static Result of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command =
                Main.commandLine(args).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = command.execute(args);
        return new Result(code, out.toString(), err.toString());
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
