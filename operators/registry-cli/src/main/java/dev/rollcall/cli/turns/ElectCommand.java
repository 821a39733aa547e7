package dev.rollcall.cli.turns;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.coordination.Candidacy;
import dev.rollcall.coordination.CandidacyState;
import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall elect}. */
@Command(
        name = "elect",
        mixinStandardHelpOptions = true,
        description = {
            "Stands for election at a directory and runs a command while it leads. If the office is lost the command is told to end (SIGTERM),"
                    + " killed after the grace, and this stands again; when the command ends by itself, so does this, with its exit code.",
            "The command finds the fencing token of its term in its environment, as for rollcall lock: ROLLCALL_TOKEN and ROLLCALL_TURN."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall elect /leaders/scheduler --id \"$(hostname)\" -- ./scheduler",
            "  rollcall leaders /leaders                     shows who leads"
        })
public final class ElectCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private TurnOptions turn = new TurnOptions();

    @Option(
            names = "--id",
            paramLabel = "NAME",
            description = "What others see of this candidate. Default: the process's number.")
    private String id = "";

    /** Whether it has been in the queue, so that a refusal is not for good. */
    private boolean stood;

    @Override
    public Integer call() throws InterruptedException {
        ChildProcess.check(turn.command);
        String candidate = id.isEmpty() ? "pid " + ProcessHandle.current().pid() : id;
        Terms terms = new Terms();
        try (KvBackend backend = store.open();
                Outage outage = new Outage(backend, output.err());
                LeaderElection election = LeaderElection.open(backend, turn.directory, turn.options(""));
                Candidacy candidacy = election.join(candidate, terms)) {
            while (true) {
                Term term = next(candidacy, terms, backend);
                stood = true;
                output.say("'" + candidacy.candidateId() + "' leads '" + turn.directory.path() + "', term "
                        + term.token().revision());
                try (ChildProcess child =
                        ChildProcess.start(turn.command, TurnOptions.environment(term.token()), turn.grace)) {
                    Futures.await(CompletableFuture.anyOf(child.ended(), term.over()));
                    if (child.ended().isDone()) {
                        return child.code();
                    }
                } catch (ChildProcess.NotStarted e) {
                    output.say(e.reason());
                    return e.code();
                }
                output.say("The office was lost, the command was stopped, and this stands again");
            }
        } catch (AccessDeniedException e) {
            output.say("The election '" + turn.directory.path() + "' is refused: " + PlainText.sentence(e));
            return ExitCode.of(e);
        }
    }

    /**
     * Waits for the next term; says what it waits for if that takes a while.
     *
     * @throws RuntimeException if there will be none: the candidacy has ended, or the store refuses who was never in the queue
     */
    private Term next(Candidacy candidacy, Terms terms, KvBackend backend) throws InterruptedException {
        String said = "";
        while (true) {
            Term term = terms.next.poll(1, TimeUnit.SECONDS);
            if (term != null) {
                return term;
            }
            Throwable failure = candidacy.lastFailure().orElse(null);
            AccessDeniedException denied = failure instanceof AccessDeniedException refusal ? refusal : null;
            stood |= candidacy.state() == CandidacyState.WAITING;
            if (denied != null && !stood) {
                throw denied;
            }
            if (candidacy.state() == CandidacyState.CLOSED) {
                throw failure instanceof RuntimeException why
                        ? why
                        : new IllegalStateException("The candidacy has ended.", failure);
            }
            String state = said;
            if (denied != null) {
                state = "Cannot stand for '" + turn.directory.path() + "' now, and tries again: "
                        + PlainText.sentence(denied);
            } else if (candidacy.state() == CandidacyState.WAITING) {
                state = "Waits to lead '" + turn.directory.path() + "' on " + backend.name();
            }
            // Of a store that is out of reach, the outage tells.
            if (!state.equals(said)) {
                output.say(state);
                said = state;
            }
        }
    }

    private record Term(FencingToken token, CompletableFuture<Void> over) {}

    /** Hands the terms on to the thread that runs the command. */
    /* Concurrency: current is confined to the listener's calls, which come one at a time. */
    private static final class Terms implements CandidateListener {
        private final BlockingQueue<Term> next = new LinkedBlockingQueue<>();
        private CompletableFuture<Void> current = new CompletableFuture<>();

        @Override
        public void onElected(FencingToken token) {
            current = new CompletableFuture<>();
            next.add(new Term(token, current));
        }

        @Override
        public void onLost(FencingToken token, String reason) {
            current.complete(null);
        }
    }
}
