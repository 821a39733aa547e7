package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.LeaseMutants.granting;
import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static dev.rollcall.inmemory.mutants.Mutant.sharing;
import static dev.rollcall.inmemory.mutants.WatchMutants.listening;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Status;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That the kit catches each mutant by the rules that it breaks, and blames nothing else. */
class MutantsTest {
    /** One line for each: what it does wrong, the rules that must be found broken, and those that cannot help being. */
    static List<Mutant> mutants() {
        return List.of(
                mutant("stale read", ReadMutants.StaleRead::new, "READ-1 REV-5")
                        .beside("READ-2 REV-4 WRITE-1 WRITE-5")
                        .judged(),
                mutant("sequential read goes back", ReadMutants.SequentialReadGoesBack::new, "READ-2")
                        .judged(),
                mutant("torn list", ReadMutants.TornList::new, "READ-4")
                        .beside("READ-7 REV-5 TXN-1 TXN-3 WATCH-3 WATCH-7")
                        .judged(),
                mutant("unsorted list", ReadMutants.UnsortedList::new, "READ-5")
                        .beside("READ-6 READ-7 WATCH-1")
                        .judged(),
                mutant("list of one page", ReadMutants.ListOfOnePage::new, "READ-6")
                        .beside("READ-5 LIFE-3 WRITE-1 WRITE-6 WRITE-8"),
                mutant("list by prefix without slash", ReadMutants.PrefixWithoutSlash::new, "KEY-4")
                        .beside("READ-5 WATCH-11 ERR-5"),
                mutant("keys lack the last", ReadMutants.KeysLackTheLast::new, "READ-7")
                        .beside("KEY-4 READ-1 READ-6 VALUE-2"),
                mutant("empty is absent", ReadMutants.EmptyIsAbsent::new, "VALUE-2")
                        .beside(
                                "ERR-4 LEASE-2 LEASE-3 LEASE-5 LEASE-10 LEASE-14 LIFE-3 READ-7 REV-2 REV-4 TXN-1 TXN-4 TXN-5 VALUE-1 WATCH-11 WRITE-1 WRITE-6 WRITE-8"),
                mutant("absence without revision", ReadMutants.AbsenceWithoutRevision::new, "REV-5")
                        .beside("READ-1 READ-2 READ-3")
                        .judged(),
                mutant("reads forget the leased flag", ReadMutants.LeasedIsForgotten::new, "LEASE-13"),
                mutant("lost update", WriteMutants.LostUpdate::new, "WRITE-4")
                        .beside("READ-1 THREAD-3 WRITE-5")
                        .judged(),
                mutant("create by looking", WriteMutants.CreateByLooking::new, "WRITE-2")
                        .beside("READ-1 TXN-3"),
                mutant("update of nothing", WriteMutants.UpdateOfNothing::new, "WRITE-3")
                        .beside("ERR-1 ERR-2 ERR-3 KEY-6 REV-6 WATCH-8 WRITE-6"),
                mutant("double apply", WriteMutants.DoubleApply::new, "WRITE-7")
                        .beside("LIFE-8 READ-1 REV-2 REV-4 WATCH-2 WATCH-3 WATCH-5 WRITE-6 WRITE-8"),
                mutant("unknown called not applied", WriteMutants.UnknownCalledNotApplied::new, "WRITE-6")
                        .beside("WRITE-1 WRITE-7 WRITE-8"),
                sharing("blind to re-creation", WriteMutants.BlindToRecreation::new, "WRITE-5"),
                mutant("failure that shows", WriteMutants.FailureThatShows::new, "REV-6 WATCH-8")
                        .beside("WRITE-7 WRITE-8"),
                mutant("last condition reported", WriteMutants.LastConditionReported::new, "TXN-2"),
                mutant("transaction in parts", WriteMutants.TransactionInParts::new, "TXN-1")
                        .beside("ERR-4 READ-4 REV-2 REV-4 REV-5 TXN-3 TXN-5 TXN-6 WATCH-2 WATCH-4 WATCH-16")
                        .judged(),
                mutant("conditions apart", WriteMutants.ConditionsApart::new, "TXN-3")
                        .judged(),
                mutant("revision before", WriteMutants.RevisionBefore::new, "REV-4")
                        .beside("ERR-4 READ-1 REV-1 REV-2 REV-3 REV-5 TXN-1 WATCH-9 WATCH-16"),
                mutant("empty delete counts", WriteMutants.EmptyDeleteCounts::new, "TXN-4")
                        .beside("REV-6 VALUE-1 WATCH-8"),
                mutant("silent oversize", WriteMutants.SilentOversize::new, "VALUE-3"),
                mutant("torn batch", listening(WatchMutants.TornBatch::new), "WATCH-4")
                        .beside("WATCH-2")
                        .judged(),
                mutant("dropped last event", WatchMutants.DroppedLastEvent::new, "WATCH-7")
                        .beside("WATCH-1 WATCH-5 WATCH-6 WATCH-8 WATCH-3 WATCH-10 WATCH-11"),
                mutant("duplicate after reconnect", WatchMutants.DuplicateAfterReconnect::new, "WATCH-3"),
                mutant("older after newer", listening(WatchMutants.OlderAfterNewer::new), "WATCH-3")
                        .judged(),
                mutant("gap without snapshot", listening(WatchMutants.GapWithoutSnapshot::new), "WATCH-6"),
                mutant("signal after end", listening(WatchMutants.SignalAfterEnd::new), "WATCH-12")
                        .beside("THREAD-2")
                        .judged(),
                mutant("second end", listening(WatchMutants.SecondEnd::new), "WATCH-12")
                        .beside("THREAD-2")
                        .judged(),
                mutant("killed by its listener", listening(WatchMutants.KilledByItsListener::new), "WATCH-14"),
                mutant("replayed to its listener", listening(WatchMutants.ReplayedToAListenerThatThrew::new), "WATCH-3")
                        .beside("WATCH-14"),
                mutant("concurrent callbacks", listening(WatchMutants.ConcurrentCallbacks::new), "THREAD-2")
                        .beside("WATCH-2 WATCH-3 WATCH-4 WATCH-5 WATCH-12")
                        .restrictedTo("VALUE LEASE"),
                mutant("watches forget the leased flag", listening(WatchMutants.LeasedIsForgotten::new), "WATCH-9")
                        .beside("LEASE-13 WATCH-11"),
                mutant("empty snapshot withheld", listening(WatchMutants.EmptySnapshotWithheld::new), "WATCH-1")
                        .beside("WATCH-15")
                        .restrictedTo("READ WRITE"),
                mutant("watch by prefix without slash", WatchMutants.PrefixWithoutSlash::new, "WATCH-8")
                        .beside("KEY-4 WATCH-1 WATCH-11"),
                mutant("from instead of after", WatchStartMutants.FromInsteadOfAfter::new, "WATCH-3")
                        .beside("WATCH-7 WATCH-10"),
                mutant("from now", WatchStartMutants.FromNow::new, "WATCH-7").beside("WATCH-1 WATCH-6 WATCH-2 WATCH-5"),
                mutant("merged history", WatchStartMutants.MergedHistory::new, "WATCH-16")
                        .beside("ERR-4 WATCH-12 WATCH-17"),
                mutant("silent compaction", WatchStartMutants.SilentCompaction::new, "WATCH-17")
                        .beside("WATCH-6 WATCH-11"),
                mutant("lease outlives its ttl", LeaseMutants.OutlivesItsTtl::new, "LEASE-2")
                        .beside("LEASE-3 LEASE-4 LEASE-5 LEASE-8 LEASE-10"),
                mutant("lease deletes what was re-created", LeaseMutants.DeletesWhatWasRecreated::new, "LEASE-8")
                        .beside("LEASE-3 LEASE-5 LEASE-7 LEASE-13"),
                mutant("no loss", granting(LeaseMutants.NoLoss::new), "LEASE-4")
                        .beside("LEASE-3 LEASE-5 LEASE-10 LIFE-2 LIFE-3"),
                mutant("revokes later", LeaseMutants.RevokesLater::new, "LEASE-9")
                        .beside("ERR-4 LEASE-14 LIFE-1")
                        .beside(
                                "LEASE-3 LEASE-5 LEASE-6 LEASE-7 LEASE-8 LEASE-13 THREAD-1 ERR-1 ERR-2 ERR-3 WRITE-6 WATCH-12"),
                mutant("update drops lease", LeaseMutants.UpdateDropsLease::new, "LEASE-6")
                        .beside("LEASE-13"),
                mutant("put does not move", LeaseMutants.PutDoesNotMove::new, "LEASE-7")
                        .beside("LEASE-8 LEASE-12 LEASE-13"),
                mutant("writes without the lease", LeaseMutants.WritesWithoutTheLease::new, "LEASE-5")
                        .beside("ERR-1 ERR-2 ERR-3 LEASE-3 LEASE-4 WRITE-6"),
                mutant("takes foreign leases", LeaseMutants.TakesForeignLeases::new, "LEASE-12"),
                mutant("ttl as asked for", LeaseMutants.TtlAsAskedFor::new, "LEASE-11"),
                mutant("entries go one by one", LeaseMutants.EntriesGoOneByOne::new, "LEASE-3")
                        .beside("LEASE-5 LEASE-7 LEASE-8 LEASE-13"),
                mutant("wrapped exception", LifeMutants.WrappedException::new, "ERR-1"),
                mutant("value in the message", LifeMutants.ValueInTheMessage::new, "ERR-2"),
                mutant("read in doubt", LifeMutants.ReadInDoubt::new, "ERR-3").beside("ERR-6 LIFE-1 WRITE-6 WRITE-8"),
                mutant("history undeclared", LifeMutants.HistoryUndeclared::new, "ERR-4"),
                mutant("null as failure", LifeMutants.NullAsFailure::new, "ERR-5"),
                mutant("future never completed", LifeMutants.FutureNeverCompleted::new, "LIFE-1"),
                mutant("close that hangs", LifeMutants.CloseThatHangs::new, "LIFE-2"),
                mutant("reads after close", LifeMutants.ReadsAfterClose::new, "LIFE-4")
                        .beside("ERR-1 ERR-2 ERR-3 WRITE-6"),
                mutant("leaked thread", LifeMutants.LeakedThread::new, "LIFE-5").restrictedTo("READ WRITE"),
                mutant("callback on the io thread", LifeMutants.CallbackOnTheIoThread::new, "THREAD-1")
                        .beside("ERR-1 ERR-2 ERR-3 LIFE-2 LIFE-3 LIFE-4 LIFE-7 THREAD-2"),
                mutant("connection always well", LifeMutants.ConnectionAlwaysWell::new, "LIFE-7")
                        .beside("ERR-3 ERR-6 LIFE-1 LIFE-6"),
                mutant("first status withheld", LifeMutants.FirstStatusWithheld::new, "LIFE-7")
                        .beside("THREAD-2"),
                mutant("gives up after a cut", LifeMutants.GivesUpAfterACut::new, "LIFE-8")
                        .beside("ERR-6 WATCH-11"),
                mutant("open needs the server", LifeMutants.OpenNeedsTheServer::new, "LIFE-6"),
                mutant("nameless thread", LifeMutants.NamelessThread::new, "THREAD-4"));
    }

    static List<Mutant> judgedMutants() {
        return mutants().stream().filter(Mutant::mustBeJudged).toList();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void mutantIsCaughtByTheRulesThatItBreaks(Mutant mutant) throws InterruptedException {
        ConformanceReport report = mutant.accuse();
        assertThat(report.isConformant()).isFalse();
        assertThat(report.rules(Status.FAILED))
                .as(() -> "the rules found broken:\n" + report.table())
                .containsAll(mutant.broken());
        assertThat(report.tests(Status.FAILED))
                .as("notes of tests that failed, for the author of the backend")
                .allSatisfy(
                        test -> assertThat(test.note()).hasSizeGreaterThan(20).doesNotContain("NullPointerException"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void mutantIsNotBlamedForWhatItKeeps(Mutant mutant) throws InterruptedException {
        ConformanceReport report = mutant.acquit();
        // A test may prove rules of several areas, and may well say what is broken.
        assertThat(report.rules(Status.FAILED).stream()
                        .filter(rule -> !mutant.concerned().contains(Mutant.area(rule))))
                .as(() -> "rules that were blamed for what they have nothing to do with:\n" + report.table())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("judgedMutants")
    void mutantIsFoundByTheJudgesOfHistoriesAlone(Mutant mutant) throws InterruptedException {
        assertThat(mutant.judge().tests(Status.FAILED).stream()
                        .filter(test -> test.area().equals("ConcurrencyContract")))
                .as("violations found by the judges of histories")
                .isNotEmpty()
                .allSatisfy(test -> assertThat(test.note())
                        .contains("smallest failing part is drawn in")
                        .contains("-Dtck.seed="));
    }
}
