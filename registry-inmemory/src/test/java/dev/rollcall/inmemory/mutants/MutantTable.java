package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.LeaseMutants.granting;
import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static dev.rollcall.inmemory.mutants.Mutant.sharing;
import static dev.rollcall.inmemory.mutants.WatchMutants.listening;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Txn;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The mutants: one entry for each, with the rule that it breaks, what it does wrong, and what cannot help being broken beside. */
final class MutantTable {
    private static final String TWICE = "the one call that may still come after close() is followed by another";

    private MutantTable() {}

    static List<Mutant> all() {
        return Stream.concat(plain().stream(), SubtleMutants.all().stream()).toList();
    }

    private static List<Mutant> plain() {
        return List.of(
                mutant("READ-1", "stale read", ReadMutants.StaleRead::new)
                        .notSeenBy(
                                "readsNeverGoBackBehindWhatAnotherReaderSaw",
                                "answerThatComesAfterItsDeadlineIsNotTakenForAnother")
                        .whichBreaks("REV-5", "an old answer comes with its old revision")
                        .judgedIn("registersBehaveAsIfThereWereOneClientAtATime"),
                mutant("READ-2", "sequential read goes back", ReadMutants.SequentialReadGoesBack::new)
                        .notSeenBy("sequentialReadsNeverShrink")
                        .judgedIn("registersBehaveAsIfThereWereOneClientAtATime"),
                mutant("READ-3", "absence as a failure", ReadMutants.AbsenceAsFailure::new),
                sharing("READ-4", "torn list", Gap::new, ReadMutants.TornList::new)
                        .notSeenBy("manyEntriesAreThereInOrderWhileBothEndsAreWritten")
                        .judgedIn("transactionsAndListsOfManyClientsFormOneOrder"),
                mutant("READ-5", "unsorted list", ReadMutants.UnsortedList::new)
                        .notSeenBy("listOfNothingIsEmpty")
                        .whichBreaks("READ-7", "keys are compared with the list")
                        .whichBreaks("WATCH-1", "the snapshot is compared with the list")
                        .judgedIn("transactionsAndListsOfManyClientsFormOneOrder"),
                mutant("READ-6", "list of one page", ReadMutants.ListOfOnePage::new)
                        .notSeenBy("listOfFortyMegabytesSucceeds"),
                mutant("READ-7", "keys lack the last", ReadMutants.KeysLackTheLast::new)
                        .whichBreaks("KEY-4", "the keys of a directory are looked at too"),
                mutant("KEY-1", "reserved name", KeyMutants.ReservedName::new).notSeenBy("everyKeyComesBackUnchanged"),
                mutant("KEY-3", "normalised keys", KeyMutants.NormalisedKeys::new)
                        .notSeenBy("directoriesWithLongNamesAreToldApartToTheLastCharacter")
                        .whichBreaks("READ-5", "a list shows the other text of a key"),
                mutant("KEY-4", "list by prefix without slash", ReadMutants.PrefixWithoutSlash::new),
                mutant("KEY-5", "delete takes the subtree", KeyMutants.DeleteTakesTheSubtree::new),
                mutant("KEY-6", "parents show", KeyMutants.ParentsShow::new)
                        .whichBreaks("KEY-5", "a directory holds more than was written")
                        .whichBreaks("KEY-7", "a directory holds more than was written")
                        .whichBreaks("READ-5", "a list holds more than was written"),
                mutant("KEY-7", "bookkeeping shows", KeyMutants.BookkeepingShows::new)
                        .notSeenBy("storesThatShareAServerDoNotSeeEachOther"),
                mutant("VALUE-1", "values as text", KeyMutants.ValuesAsText::new),
                mutant("VALUE-2", "empty is absent", ReadMutants.EmptyIsAbsent::new),
                mutant("VALUE-3", "silent oversize", WriteMutants.SilentOversize::new),
                sharing("REV-1", "revisions of a replica", AtomicInteger::new, RevisionMutants.RevisionsOfAReplica::new)
                        .notSeenBy("orderOfRevisionsAgreesWithRealTime")
                        .whichBreaks("WATCH-9", "what a watch tells is compared with what the writer was told")
                        .whichBreaks("WRITE-5", "the revision found is compared with what the writer was told"),
                mutant("REV-2", "transaction in parts", handle -> new TxnMutants.TransactionInParts(handle, false))
                        .notSeenBy("orderOfRevisionsAgreesWithRealTime")
                        .judgedIn("transactionsAndListsOfManyClientsFormOneOrder"),
                sharing(
                                "REV-3",
                                "revisions start again",
                                RevisionMutants.RevisionsStartAgain.Origin::new,
                                RevisionMutants.RevisionsStartAgain::new)
                        .notSeenBy(
                                "revisionsGoOnAfterTheServerWasKilled", "revisionOfADeletionIsNotUsedAgainAfterAKill"),
                mutant("REV-4", "revision before", RevisionMutants.RevisionBefore::new)
                        .notSeenBy("writesOfOneTransactionShareItsRevision")
                        .whichBreaks("REV-1", "the deletion seems to be as old as the write before it")
                        .whichBreaks("WATCH-9", "what a watch tells is compared with what the writer was told"),
                mutant("REV-5", "absence without revision", ReadMutants.AbsenceWithoutRevision::new)
                        .notSeenBy("readsAreExactAtTheirRevisionWhileOthersWrite")
                        .whichBreaks("READ-3", "absence is an answer with a revision")
                        .judgedIn("registersBehaveAsIfThereWereOneClientAtATime"),
                mutant("REV-6", "failure that shows", WriteMutants.FailureThatShows::new),
                mutant("WRITE-1", "write behind", WriteMutants.WriteBehind::new)
                        .seenBy("revisionsGoOnAfterTheServerWasKilled"),
                sharing("WRITE-2", "create by looking", () -> new Pairing<Txn>(), WriteMutants.CreateByLooking::new)
                        .notSeenBy("createSucceedsOnlyOnAnAbsentKey", "ofManyWhoCreateAKeyWithALeaseOneHoldsIt"),
                mutant("WRITE-3", "update of nothing", WriteMutants.UpdateOfNothing::new),
                sharing(
                                "WRITE-4",
                                "lost update",
                                () -> new Pairing<Txn>(),
                                (handle, pairing) -> new WriteMutants.LostUpdate(handle, pairing, false))
                        .notSeenBy(
                                "writeAtARevisionSucceedsOnlyAtThatRevision",
                                "modifyAppliesItsFunctionToWhatItReplaces",
                                "compareAndSetFailsOnceTheLeaseOfTheEntryHasEnded")
                        .judgedIn("registersBehaveAsIfThereWereOneClientAtATime"),
                mutant("WRITE-4", "modify puts", WriteMutants.ModifyPuts::new)
                        .seenBy("modifyAppliesItsFunctionToWhatItReplaces"),
                sharing(
                                "WRITE-5",
                                "blind to re-creation",
                                () -> new ConcurrentHashMap<WriteMutants.BlindToRecreation.Version, Bytes>(),
                                WriteMutants.BlindToRecreation::new)
                        .notSeenBy("compareAndSetNeverWinsWhileAnotherDeletesAndCreates"),
                mutant("WRITE-6", "unknown called not applied", WriteMutants.UnknownCalledNotApplied::new)
                        .seenBy("writeWhoseAnswerIsLostIsUnknownAndAppliedOnce"),
                mutant("WRITE-7", "double apply", WriteMutants.DoubleApply::new)
                        .notSeenBy(
                                "writesDuringCutsAreAppliedAtMostOnceAndSayWhatBecameOfThem",
                                "writesOfEveryKindWhoseAnswerIsLostAreUnknownAndAppliedOnce"),
                mutant("WRITE-8", "failed create overwrites", WriteMutants.FailedCreateOverwrites::new)
                        .seenBy("createSucceedsOnlyOnAnAbsentKey", "writesThatFailedAreNeverSeen"),
                mutant("TXN-1", "half a transaction", TxnMutants.HalfATransaction::new)
                        .seenBy("transactionAppliesAllOrNothing"),
                mutant("TXN-2", "last condition reported", TxnMutants.LastConditionReported::new),
                sharing(
                                "TXN-3",
                                "conditions apart",
                                () -> new Pairing<Txn>(),
                                (handle, pairing) -> new TxnMutants.ConditionsApart(handle, pairing, false))
                        .notSeenBy("sumOfTwoAccountsIsKeptByTransfers")
                        .judgedIn("transactionsAndListsOfManyClientsFormOneOrder"),
                mutant("TXN-4", "empty delete counts", TxnMutants.EmptyDeleteCounts::new)
                        .notSeenBy("transactionWithoutWritesTestsItsConditions"),
                mutant("TXN-5", "smaller limit", TxnMutants.SmallerLimit::new)
                        .notSeenBy("transactionsBeyondTheLimitsAreRefusedAtConstruction"),
                mutant("TXN-6", "tests after its writes", TxnMutants.TestsAfterItsWrites::new)
                        .whichBreaks(
                                "TXN-1", "a transaction that creates a key only if it is absent is one of its tests"),
                mutant("WATCH-1", "begins with a snapshot", WatchStartMutants.BeginsWithASnapshot::new)
                        .notSeenBy("watchFromASnapshotBeginsWithIt"),
                mutant("WATCH-2", "snapshot in pages", WatchMutants.SnapshotInPages::new)
                        .notSeenBy("largestValuesComeWholeInAHandful")
                        .whichBreaks("WATCH-12", TWICE),
                mutant("WATCH-3", "duplicate after reconnect", WatchMutants.DuplicateAfterReconnect::new)
                        .notSeenBy(
                                "everySignalIsACutWhileOthersWrite",
                                "watchAfterTheRevisionOfAListMissesAndRepeatsNothing",
                                "watchGoesOnAfterTheServerWasKilled"),
                mutant("WATCH-3", "older after newer", listening(WatchMutants.OlderAfterNewer::new))
                        .judgedIn("watchesAgreeWithEveryWriteAndRead")
                        .whichBreaks("WATCH-12", TWICE),
                mutant("WATCH-4", "torn batch", listening(WatchMutants.TornBatch::new))
                        .judgedIn("watchesAgreeWithEveryWriteAndRead")
                        .whichBreaks("WATCH-12", TWICE),
                mutant("WATCH-5", "dropped event", listening(WatchMutants.DroppedEvent::new))
                        .notSeenBy(
                                "keyThatComesAndGoesBetweenTwoSignalsIsToldToBeDeleted",
                                "keyThatWasReadBeforeItWentIsToldToBeDeleted")
                        .whichBreaks("WATCH-7", "what a watch has to catch up with is among the events"),
                mutant("WATCH-6", "gap without snapshot", listening(WatchMutants.GapWithoutSnapshot::new))
                        .seenBy("compactionDuringACutBringsAFreshSnapshot"),
                mutant("WATCH-7", "dropped last event", WatchMutants.DroppedLastEvent::new)
                        .seenBy("watchAfterARevisionCatchesUpWithWhatWasWrittenBetween"),
                mutant("WATCH-7", "from now", WatchStartMutants.FromNow::new)
                        .seenBy("watchAfterARevisionCatchesUpWithWhatWasWrittenBetween"),
                mutant("WATCH-8", "watch by prefix without slash", WatchMutants.PrefixWithoutSlash::new)
                        .seenBy("nothingBesideTheDirectoryIsDelivered")
                        .whichBreaks("KEY-4", "a watch covers what its directory covers"),
                mutant("WATCH-9", "watches forget the leased flag", listening(WatchMutants.LeasedIsForgotten::new)),
                mutant("WATCH-10", "from instead of after", WatchStartMutants.FromInsteadOfAfter::new)
                        .notSeenBy("watchAfterAFutureRevisionStaysSilentOverACut"),
                mutant("WATCH-10", "future taken for now", WatchStartMutants.FutureTakenForNow::new)
                        .notSeenBy("revisionOfAnotherHandleCanBeUsedAtOnce"),
                mutant("WATCH-11", "dead after a cut", WatchMutants.DeadAfterACut::new)
                        .notSeenBy("compactionDuringACutBringsAFreshSnapshot", "watchGoesOnAfterTheServerWasKilled")
                        .whichBreaks("WATCH-5", "what is written after the cut is not delivered"),
                mutant("WATCH-12", "signal after end", listening(WatchMutants.SignalAfterEnd::new))
                        .judgedIn("watchesAgreeWithEveryWriteAndRead"),
                mutant("WATCH-12", "second end", listening(WatchMutants.SecondEnd::new))
                        .judgedIn("watchesAgreeWithEveryWriteAndRead"),
                mutant("WATCH-13", "one listener at a time", WatchMutants.OneListenerAtATime::new)
                        .notSeenBy("whatABlockedListenerIsOwedIsBoundedByTheKeys"),
                mutant("WATCH-14", "killed by its listener", listening(WatchMutants.KilledByItsListener::new))
                        .notSeenBy("listenerThatLeavesItsThreadInterruptedHurtsNothing"),
                mutant("WATCH-3", "replayed to its listener", listening(WatchMutants.ReplayedToAListenerThatThrew::new))
                        .seenBy("listenerThatThrowsGetsTheNextSignalAllTheSame"),
                mutant("WATCH-15", "empty snapshot withheld", listening(WatchMutants.EmptySnapshotWithheld::new))
                        .whichBreaks("WATCH-1", "a watch from a snapshot begins with it, empty or not"),
                mutant("WATCH-16", "merged history", WatchStartMutants.MergedHistory::new),
                mutant("WATCH-17", "silent compaction", WatchStartMutants.SilentCompaction::new),
                mutant("WATCH-18", "a hundred watches", WatchMutants.HundredWatches::new),
                mutant("LEASE-1", "not renewed", LeaseMutants.NotRenewed::new),
                mutant("LEASE-2", "lease outlives its ttl", LeaseMutants.OutlivesItsTtl::new)
                        .notSeenBy("entriesOfASilentHolderStayForTheTtl", "hundredsOfEntriesGoWithALeaseThatExpires"),
                mutant("LEASE-3", "entries go one by one", LeaseMutants.EntriesGoOneByOne::new)
                        .seenBy("revokeDeletesAllEntriesAtOnceInOneRevision"),
                mutant("LEASE-4", "no loss", granting(LeaseMutants.NoLoss::new)),
                mutant("LEASE-4", "late loss", LeaseMutants.LateLoss::new)
                        .notSeenBy(
                                "holderAndStoreAgreeAfterAPauseLongerThanTheTtl",
                                "lateAnswerDoesNotReviveALeaseThatWasGivenUp"),
                mutant("LEASE-5", "writes without the lease", LeaseMutants.WritesWithoutTheLease::new)
                        .notSeenBy("holderThatComesBackLeavesItsSuccessorAlone"),
                mutant("LEASE-6", "update drops lease", LeaseMutants.UpdateDropsLease::new)
                        .notSeenBy("leaseOfOneWriteIsNotThatOfTheOthersBesideIt"),
                mutant("LEASE-7", "put does not move", LeaseMutants.PutDoesNotMove::new)
                        .notSeenBy(
                                "entryThatCameBackToALeaseLivesOnThatOne", "ofManyWhoCreateAKeyWithALeaseOneHoldsIt"),
                mutant("LEASE-8", "lease deletes what was re-created", LeaseMutants.DeletesWhatWasRecreated::new),
                mutant("LEASE-9", "revokes later", LeaseMutants.RevokesLater::new)
                        .notSeenBy("leaseOfAHandleThatWasClosedIsOver"),
                mutant("LEASE-9", "revocations are queued", LeaseMutants.RevocationsAreQueued::new)
                        .seenBy(
                                "revokeDeletesAllEntriesAtOnceInOneRevision",
                                "putWithALeaseMovesTheEntryToIt",
                                "putAndUpdateWithoutALeaseKeepTheOneThereIs",
                                "conditionalWritesOfAnyHandleKeepTheLease")
                        .whichBreaks(
                                "LEASE-5", "while its revocation is queued, the store takes writes with the lease"),
                mutant("LEASE-10", "leaves without a word", LeaseMutants.LeavesWithoutAWord::new)
                        .notSeenBy(
                                "leasesOfAHandleThatIsClosedWhileCutGoByTheirTtl", "leaseOfAHandleThatWasClosedIsOver")
                        .whichBreaks("LIFE-7", "the connection is seen to break before the close"),
                mutant("LEASE-11", "ttl as asked for", LeaseMutants.TtlAsAskedFor::new),
                mutant("LEASE-12", "takes foreign leases", LeaseMutants.TakesForeignLeases::new),
                mutant("LEASE-13", "reads forget the leased flag", ReadMutants.LeasedIsForgotten::new)
                        .seenBy("everyReaderSeesWhetherAnEntryIsLeased"),
                mutant("LEASE-14", "takes the subtree along", LeaseMutants.TakesTheSubtreeAlong::new),
                mutant("ERR-1", "wrapped exception", LifeMutants.WrappedException::new)
                        .notSeenBy("watchOfAClosedHandleIsToldSoAndNothingElse"),
                mutant("ERR-2", "value in the message", LifeMutants.ValueInTheMessage::new)
                        .notSeenBy("failuresOfTransactionsShowNoValue"),
                mutant("ERR-3", "read in doubt", LifeMutants.ReadInDoubt::new)
                        .notSeenBy("operationsAfterCloseFailAtOnce", "failuresOfAHealthyStoreSayNotAppliedAndAreFinal"),
                mutant("ERR-4", "history undeclared", LifeMutants.HistoryUndeclared::new)
                        .notSeenBy("keysMayBeBelowLeasedKeys"),
                mutant("ERR-5", "null as failure", LifeMutants.NullAsFailure::new)
                        .notSeenBy("malformedArgumentsAreRefusedByTheCallItself"),
                mutant("ERR-6", "in doubt when unreachable", LifeMutants.InDoubtWhenUnreachable::new)
                        .notSeenBy("writesOfACutHandleThatSayNotAppliedNeverShow"),
                mutant("LIFE-1", "future never completed", LifeMutants.FutureNeverCompleted::new)
                        .notSeenBy("thousandsOfOperationsAtOnceAllEnd"),
                mutant("LIFE-2", "close that hangs", LifeMutants.CloseThatHangs::new)
                        .notSeenBy("closeIsQuickAndIdempotent"),
                mutant("LIFE-3", "pending forgotten", LifeMutants.PendingForgotten::new)
                        .notSeenBy("listenerMayCloseItsBackend", "closeEndsAThousandOperationsThatAreUnderWay"),
                mutant("LIFE-4", "reads after close", LifeMutants.ReadsAfterClose::new)
                        .notSeenBy("watchOfAClosedHandleIsToldSoAndNothingElse"),
                sharing("LIFE-5", "leaked thread", AtomicInteger::new, LifeMutants.LeakedThread::new)
                        .notSeenBy(
                                "handleThatWasCutOffLeavesNoThreadAndNoConnection",
                                "handlesThatSawARestartLeaveNoThreadAndNoConnection"),
                mutant("LIFE-6", "open needs the server", LifeMutants.OpenNeedsTheServer::new)
                        .notSeenBy("openDoesNotWaitAndOperationsMayFollowAtOnce"),
                mutant("LIFE-7", "connection always well", LifeMutants.ConnectionAlwaysWell::new)
                        .notSeenBy(
                                "closedSubscriptionHearsNothingAndBadListenersHurtOnlyThemselves",
                                "listenerHearsThePresentStatusFirstAndClosedLast"),
                mutant("LIFE-7", "first status withheld", LifeMutants.FirstStatusWithheld::new),
                mutant("LIFE-8", "gives up after a cut", LifeMutants.GivesUpAfterACut::new)
                        .notSeenBy(
                                "watchesThatBeginDuringACutBeginAfterIt",
                                "manyCutsDuringManyWritesLeaveEveryCutExact",
                                "operationsSucceedAgainAfterAnOutage",
                                "watchGoesOnAfterTheServerWasKilled"),
                mutant("THREAD-1", "callback on the io thread", LifeMutants.CallbackOnTheIoThread::new)
                        .seenBy("continuationsMayBlockWithoutStoppingTheBackend"),
                mutant("THREAD-2", "concurrent callbacks", listening(WatchMutants.ConcurrentCallbacks::new))
                        .notSeenBy("closedSubscriptionHearsNothingAndBadListenersHurtOnlyThemselves")
                        .whichBreaks("WATCH-3", "of two calls at once, either may come first")
                        .whichBreaks("WATCH-4", "of two calls at once, either may come first")
                        .whichBreaks("WATCH-12", TWICE),
                mutant("THREAD-3", "answers crossed", LifeMutants.AnswersCrossed::new),
                mutant("THREAD-4", "nameless thread", LifeMutants.NamelessThread::new));
    }
}
