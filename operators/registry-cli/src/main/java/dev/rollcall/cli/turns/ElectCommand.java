package dev.rollcall.cli.turns;

import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.coordination.Candidacy;
import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
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
                Term term = terms.next.take();
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
