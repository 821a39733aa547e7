package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.InputLines;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StandardStreams;
import dev.rollcall.cli.support.Text;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationOptions;
import dev.rollcall.registry.RegistrationState;
import dev.rollcall.registry.RegistrationStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall nodes register}. */
@Command(
        name = "register",
        mixinStandardHelpOptions = true,
        description = {
            "Keeps a node registered. Reads statuses as TiDB's JSON from standard input, one a line: the first registers the node, each later one"
                    + " updates it, and the end of the input lets it leave. How the registration stands is told on standard error.",
            "A node that the store refuses before it was ever there ends the command; what fails later is tried again. A signal that ends the"
                    + " process lets the node leave as well; if the process dies, it stays listed and is not alive once the ttl is over."
                    + " Exit code 1 if the id is somebody else's or a line had to be skipped; 3, 4 or 5 as of any write if the last status is not"
                    + " known to be in the store."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  echo '{\"nodeId\":\"pump-1\",\"host\":\"10.0.0.7:8250\",\"state\":\"online\"}' | rollcall nodes register pumps",
            "  rollcall nodes register pumps <status.pipe"
        })
final class RegisterNodeCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Mixin
    private NodesOptions common = new NodesOptions();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "How long the node outlives this process. Default: ${DEFAULT-VALUE}")
    private Duration ttl = Duration.ofSeconds(10);

    @Override
    public Integer call() throws IOException, InterruptedException {
        RegistrationOptions options =
                RegistrationOptions.of(RegistrationMode.PERSISTENT).withTtl(ttl);
        InputStream standardInput = StandardStreams.input();
        if (StandardStreams.isInputATerminal()) {
            say(
                    "This reads from the terminal: the node's status as JSON on one line, such as {\"nodeId\":\"pump-1\"}; the"
                            + " end of the input, Ctrl-D, lets the node leave.");
        }
        try (InputLines input = new InputLines(standardInput)) {
            return keepRegistered(input, options);
        }
    }

    private int keepRegistered(InputLines input, RegistrationOptions options) throws IOException, InterruptedException {
        String line = input.next();
        if (line == null) {
            throw new UsageException("Give the node's status as JSON on standard input.");
        }
        NodeStatus first = parse(line);
        Statuses statuses = new Statuses(input);
        Verdict verdict;
        try (NodeRegistry<NodeStatus> registry = common.openToStay();
                Registration<NodeStatus> registration =
                        registry.register(common.kind, first.nodeId(), first, options)) {
            common.store.noteIfFleeting();
            registration.onStatus(statuses::next);
            CompletableFuture<Long> stored = registration.update(first);
            boolean skipped = false;
            for (line = input.next(); line != null; line = input.next()) {
                try {
                    stored = registration.update(next(line, first.nodeId()));
                } catch (UsageException e) {
                    // The node is registered: one bad line must not make it leave.
                    say(PlainText.sentence(e) + " The line is skipped.");
                    skipped = true;
                }
            }
            verdict = await(stored, statuses.refused, registration, skipped);
        }
        // It is told on another thread, which the end of the process would not wait for.
        statuses.toldAll.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        if (verdict.missing() != null) {
            say(PlainText.sentence(verdict.missing()));
        }
        return verdict.code();
    }

    /** What all came to; {@code missing} says what is not in the store and why, or is null. */
    private record Verdict(int code, @Nullable String missing) {}

    /** How the registration stands, as it is told. */
    /* Concurrency: registered is confined to the listener's calls, which come one at a time. */
    private final class Statuses {
        private final CountDownLatch toldAll = new CountDownLatch(1);

        /** Fails if the store refuses a node that has never been there: who may not write waits for an administrator, and not for the store. */
        private final CompletableFuture<Long> refused = new CompletableFuture<>();

        private final InputLines input;
        private boolean registered;

        Statuses(InputLines input) {
            this.input = input;
        }

        void next(RegistrationStatus status) {
            tell(status);
            registered |= status.state() == RegistrationState.REGISTERED;
            if (!registered && status.lastFailure() instanceof AccessDeniedException denied) {
                refused.completeExceptionally(denied);
                input.stop();
            }
            if (status.state() == RegistrationState.CLOSED) {
                toldAll.countDown();
            }
        }
    }

    private static NodeStatus parse(String bytes) {
        String text = Text.strictly(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        if (text == null) {
            throw new UsageException("A line of standard input is not UTF-8.");
        }
        return Nodes.parse(text);
    }

    private static NodeStatus next(String line, String nodeId) {
        NodeStatus next = parse(line);
        if (!next.nodeId().equals(nodeId)) {
            throw new UsageException(
                    "The node registered is '" + nodeId + "', but this status is of '" + next.nodeId() + "'.");
        }
        return next;
    }

    /** The last status should be in the store before the node leaves; otherwise says why it is not. */
    private Verdict await(
            CompletableFuture<Long> stored,
            CompletableFuture<Long> refused,
            Registration<NodeStatus> registration,
            boolean skipped)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(stored, refused).get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            return new Verdict(skipped ? ExitCode.REFUSED : ExitCode.OK, null);
        } catch (TimeoutException | ExecutionException e) {
            if (e.getCause() instanceof AccessDeniedException denied) {
                // The status may be another by now, as if the connection was what it ended for.
                return new Verdict(ExitCode.of(denied), "The node has not been written: " + PlainText.sentence(denied));
            }
            RegistrationStatus status = registration.status();
            String missing = missing(status);
            if (status.state() == RegistrationState.CONFLICT) {
                return new Verdict(ExitCode.REFUSED, missing);
            }
            KvException failure = status.lastFailure();
            return new Verdict(failure == null ? ExitCode.UNAVAILABLE : ExitCode.of(failure), missing);
        }
    }

    /** What is not in the store, and why. */
    private static String missing(RegistrationStatus status) {
        KvException failure = status.lastFailure();
        // An earlier status is there, and the reason would say once more that the last one is not.
        return status.state() == RegistrationState.REGISTERED
                ? "The last status has not been written: "
                        + (failure == null ? "the store has not answered" : PlainText.sentence(failure))
                : "The node has not been written: " + status.reason();
    }

    private void tell(RegistrationStatus status) {
        say(status.state() + ": " + status.reason());
    }

    private void say(String text) {
        common.output.err().println("rollcall: " + PlainText.of(text));
        common.output.err().flush();
    }
}
