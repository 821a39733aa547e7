package dev.rollcall.cli.turns;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall lock}. */
@Command(
        name = "lock",
        mixinStandardHelpOptions = true,
        description = {
            "Waits for the lock at a directory, runs a command while it holds it, and ends with the command's exit code.",
            "The command finds the fencing token in its environment: ROLLCALL_TOKEN grows from turn to turn, for what can refuse an older"
                    + " one, and ROLLCALL_TURN is the key that exists for as long as the turn lasts, for a rollcall txn on the condition"
                    + " {\"key\": ROLLCALL_TURN, \"revision\": ROLLCALL_TOKEN}.",
            "If the turn is lost, because the store was away for longer than the ttl or somebody deleted the entry, the command is told to end"
                    + " (SIGTERM), killed after the grace, and the exit code is 75. Exit code 1 if others held the lock, for all of --wait or with --no-wait."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall lock /locks/backup -- ./backup.sh --full",
            "  */5 * * * * rollcall lock /locks/report --no-wait -- ./report.sh     in a crontab, on every machine",
            "  rollcall lock /locks/x -- sh -c 'echo turn $ROLLCALL_TOKEN'"
        })
public final class LockCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private TurnOptions turn = new TurnOptions();

    @Option(
            names = "--owner",
            paramLabel = "NAME",
            description = "What rollcall locks calls the holder. Default: the process's number.")
    private String owner = "";

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to wait for others. Default: without an end.")
    private @Nullable Duration wait;

    @Option(names = "--no-wait", description = "End at once if others hold the lock, as soon as the store has said so.")
    private boolean noWait;

    @Override
    public Integer call() throws InterruptedException {
        ChildProcess.check(turn.command);
        if (noWait && wait != null) {
            throw new UsageException("--wait and --no-wait exclude each other.");
        }
        try (KvBackend backend = store.open();
                Outage outage = new Outage(backend, output.err());
                DistributedLock lock = DistributedLock.open(backend, turn.directory, turn.options(owner))) {
            Optional<LockHold> hold = acquire(backend, lock);
            if (hold.isEmpty()) {
                output.say("Others hold the lock '" + turn.directory.path() + "' on " + backend.name());
                return ExitCode.REFUSED;
            }
            return run(hold.get());
        } catch (AccessDeniedException e) {
            // Several keys are written at once, so that the store names none.
            output.say("The lock '" + turn.directory.path() + "' is refused: " + PlainText.sentence(e));
            return ExitCode.of(e);
        }
    }

    private Optional<LockHold> acquire(KvBackend backend, DistributedLock lock) throws InterruptedException {
        if (noWait) {
            return lock.tryLock();
        }
        if (wait != null) {
            return lock.tryLock(wait);
        }
        CompletableFuture<LockHold> turnComes = lock.acquire();
        try {
            return Optional.of(Futures.await(turnComes, Duration.ofSeconds(1)));
        } catch (TimeoutException e) {
            output.say("Waits for the lock '" + turn.directory.path() + "' on " + backend.name());
            return Optional.of(Futures.await(turnComes));
        }
    }

    private int run(LockHold hold) throws InterruptedException {
        try (ChildProcess child = ChildProcess.start(turn.command, TurnOptions.environment(hold.token()), turn.grace)) {
            Futures.await(CompletableFuture.anyOf(child.ended(), hold.ended().toCompletableFuture()));
            if (child.ended().isDone()) {
                return child.code();
            }
        } catch (ChildProcess.NotStarted e) {
            output.say(e.reason());
            return e.code();
        }
        output.say("The turn was lost, and the command was stopped");
        return ExitCode.TURN_LOST;
    }
}
