package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What lets an entry exist for as long as the command runs. */
final class Holding {
    @Option(
            names = "--hold",
            description =
                    "Tie the entry to a lease and stay: it goes when this command ends, and if that is killed, once the ttl is over.")
    private boolean hold;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "With --hold: how long the entry outlives a command that is killed. Default: 10s.")
    private @Nullable Duration ttl;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "With --hold: end after this time, such as 10s or 1m.")
    private @Nullable Duration time;

    boolean isWanted() {
        if (!hold && (ttl != null || time != null)) {
            throw new UsageException((ttl != null ? "--ttl" : "--for") + " is for --hold; add that, or leave it out.");
        }
        return hold;
    }

    Lease grant(KvBackend backend) throws InterruptedException {
        return Futures.await(backend.grantLease(ttl == null ? Duration.ofSeconds(10) : ttl));
    }

    /** Stays until the time is over or the lease has ended; gives the exit code. */
    int stay(Lease lease, Output output) throws InterruptedException {
        output.say("The entry stays for as long as this runs, and "
                + lease.ttl().toMillis() / 1000.0 + " s longer if it is killed");
        CompletableFuture<LeaseEnd> ended = lease.ended().toCompletableFuture();
        try {
            LeaseEnd end = time == null ? Futures.await(ended) : Futures.await(ended, time);
            output.say("The lease has ended: " + end);
            return ExitCode.UNAVAILABLE;
        } catch (TimeoutException e) {
            Futures.await(lease.revoke());
            return ExitCode.OK;
        }
    }
}
