package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.report.ConformanceReport;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That the kit catches each mutant by the rule that it breaks, and blames no other. */
class MutantsTest {
    static List<Mutant> mutants() {
        return List.of(
                mutant("stale read", ReadMutants.StaleRead::new),
                mutant("sequential read goes back", ReadMutants.SequentialReadGoesBack::new),
                mutant("torn list", ReadMutants.TornList::new),
                mutant("unsorted list", ReadMutants.UnsortedList::new),
                mutant("list of one page", ReadMutants.ListOfOnePage::new),
                mutant("list by prefix without slash", ReadMutants.PrefixWithoutSlash::new),
                mutant("keys lack the last", ReadMutants.KeysLackTheLast::new),
                mutant("empty is absent", ReadMutants.EmptyIsAbsent::new),
                mutant("absence without revision", ReadMutants.AbsenceWithoutRevision::new),
                mutant("reads forget the leased flag", ReadMutants.LeasedIsForgotten::new),
                mutant("lost update", WriteMutants.LostUpdate::new),
                mutant("create by looking", WriteMutants.CreateByLooking::new),
                mutant("update of nothing", WriteMutants.UpdateOfNothing::new),
                mutant("double apply", WriteMutants.DoubleApply::new),
                mutant("unknown called not applied", WriteMutants.UnknownCalledNotApplied::new),
                Mutant.sharing("blind to re-creation", WriteMutants.BlindToRecreation::new),
                mutant("failure that shows", WriteMutants.FailureThatShows::new),
                mutant("last condition reported", WriteMutants.LastConditionReported::new),
                mutant("transaction in parts", WriteMutants.TransactionInParts::new),
                mutant("conditions apart", WriteMutants.ConditionsApart::new),
                mutant("revision before", WriteMutants.RevisionBefore::new),
                mutant("empty delete counts", WriteMutants.EmptyDeleteCounts::new),
                mutant("silent oversize", WriteMutants.SilentOversize::new),
                mutant("torn batch", WatchMutants.listening(WatchMutants.TornBatch::new)),
                mutant("dropped event", WatchMutants.listening(WatchMutants.DroppedEvent::new)),
                mutant("dropped last event", WatchMutants.listening(WatchMutants.DroppedLastEvent::new)),
                mutant("duplicate after reconnect", WatchMutants.DuplicateAfterReconnect::new),
                mutant("older after newer", WatchMutants.listening(WatchMutants.OlderAfterNewer::new)),
                mutant("gap without snapshot", WatchMutants.listening(WatchMutants.GapWithoutSnapshot::new)),
                mutant("signal after end", WatchMutants.listening(WatchMutants.SignalAfterEnd::new)),
                mutant("second end", WatchMutants.listening(WatchMutants.SecondEnd::new)),
                mutant("no end", WatchMutants.listening(WatchMutants.NoEnd::new)),
                mutant("killed by its listener", WatchMutants.listening(WatchMutants.KilledByItsListener::new)),
                mutant("replayed to its listener", WatchMutants.listening(WatchMutants.ReplayedToAListenerThatThrew::new)),
                mutant("concurrent callbacks", WatchMutants.listening(WatchMutants.ConcurrentCallbacks::new)),
                mutant("watches forget the leased flag", WatchMutants.listening(WatchMutants.LeasedIsForgotten::new)),
                mutant("empty snapshot withheld", WatchMutants.listening(WatchMutants.EmptySnapshotWithheld::new)),
                mutant("watch by prefix without slash", WatchMutants.PrefixWithoutSlash::new),
                mutant("from instead of after", WatchStartMutants.FromInsteadOfAfter::new),
                mutant("from now", WatchStartMutants.FromNow::new),
                mutant("merged history", WatchStartMutants.MergedHistory::new),
                mutant("silent compaction", WatchStartMutants.SilentCompaction::new),
                mutant("lease outlives its ttl", LeaseMutants.OutlivesItsTtl::new),
                mutant("lease deletes what was re-created", LeaseMutants.DeletesWhatWasRecreated::new),
                mutant("late loss", LeaseMutants.granting(LeaseMutants.LateLoss::new)),
                mutant("no loss", LeaseMutants.granting(LeaseMutants.NoLoss::new)),
                mutant("revokes later", LeaseMutants.RevokesLater::new),
                mutant("update drops lease", LeaseMutants.UpdateDropsLease::new),
                mutant("put does not move", LeaseMutants.PutDoesNotMove::new),
                mutant("writes without the lease", LeaseMutants.WritesWithoutTheLease::new),
                mutant("takes foreign leases", LeaseMutants.TakesForeignLeases::new),
                mutant("ttl as asked for", LeaseMutants.TtlAsAskedFor::new),
                mutant("entries go one by one", LeaseMutants.EntriesGoOneByOne::new),
                mutant("wrapped exception", LifeMutants.WrappedException::new),
                mutant("value in the message", LifeMutants.ValueInTheMessage::new),
                mutant("read in doubt", LifeMutants.ReadInDoubt::new),
                mutant("history undeclared", LifeMutants.HistoryUndeclared::new),
                mutant("null as failure", LifeMutants.NullAsFailure::new),
                mutant("future never completed", LifeMutants.FutureNeverCompleted::new),
                mutant("close that hangs", LifeMutants.CloseThatHangs::new),
                mutant("close twice throws", LifeMutants.CloseTwiceThrows::new),
                mutant("reads after close", LifeMutants.ReadsAfterClose::new),
                mutant("leaked thread", LifeMutants.LeakedThread::new),
                mutant("callback on the io thread", LifeMutants.CallbackOnTheIoThread::new),
                mutant("connection always well", LifeMutants.ConnectionAlwaysWell::new),
                mutant("first status withheld", LifeMutants.FirstStatusWithheld::new),
                mutant("gives up after a cut", LifeMutants.GivesUpAfterACut::new),
                mutant("open needs the server", LifeMutants.OpenNeedsTheServer::new),
                mutant("nameless thread", LifeMutants.NamelessThread::new));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void mutantIsCaughtByItsRule(Mutant mutant) throws Exception {
        ConformanceReport report = mutant.run();
        StringBuilder text = new StringBuilder("=== " + mutant.name() + " " + report.took().toMillis() + " " + report.rules(dev.rollcall.tck.report.Status.FAILED) + "\n");
        report.tests(dev.rollcall.tck.report.Status.FAILED).forEach(t -> text.append("  ").append(t.area()).append('.').append(t.name()).append(' ').append(t.violated()).append(' ').append(t.millis()).append(' ').append(t.note().lines().limit(3).toList()).append("\n"));
        java.nio.file.Files.writeString(java.nio.file.Path.of("/tmp/mut-explore.txt"), text, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
        assertThat(report.isConformant()).isFalse();
    }
}
