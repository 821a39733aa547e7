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

/** The mutants: one entry for each, with the rule that it breaks, what it does wrong, and what cannot help being broken beside. */
final class MutantTable {
    private MutantTable() {}

    static List<Mutant> all() {
        return List.of(
                mutant("READ-1", "stale read", ReadMutants.StaleRead::new),
                mutant("READ-2", "sequential read goes back", ReadMutants.SequentialReadGoesBack::new),
                mutant("READ-3", "absence as a failure", ReadMutants.AbsenceAsFailure::new),
                sharing("READ-4", "torn list", Gap::new, ReadMutants.TornList::new),
                mutant("READ-5", "unsorted list", ReadMutants.UnsortedList::new),
                mutant("READ-6", "list of one page", ReadMutants.ListOfOnePage::new),
                mutant("READ-7", "keys lack the last", ReadMutants.KeysLackTheLast::new),
                mutant("KEY-1", "reserved name", KeyMutants.ReservedName::new),
                mutant("KEY-3", "normalised keys", KeyMutants.NormalisedKeys::new),
                mutant("KEY-4", "list by prefix without slash", ReadMutants.PrefixWithoutSlash::new),
                mutant("KEY-5", "delete takes the subtree", KeyMutants.DeleteTakesTheSubtree::new),
                mutant("KEY-6", "parents show", KeyMutants.ParentsShow::new),
                mutant("KEY-7", "bookkeeping shows", KeyMutants.BookkeepingShows::new),
                mutant("VALUE-1", "values as text", KeyMutants.ValuesAsText::new),
                mutant("VALUE-2", "empty is absent", ReadMutants.EmptyIsAbsent::new),
                mutant("VALUE-3", "silent oversize", WriteMutants.SilentOversize::new),
                mutant("REV-1", "coarse revisions", RevisionMutants.CoarseRevisions::new),
                mutant("REV-2", "transaction in parts", TxnMutants.TransactionInParts::new),
                sharing("REV-3", "revisions start again", RevisionMutants.RevisionsStartAgain.Origin::new, RevisionMutants.RevisionsStartAgain::new),
                mutant("REV-4", "revision before", RevisionMutants.RevisionBefore::new),
                mutant("REV-5", "absence without revision", ReadMutants.AbsenceWithoutRevision::new),
                mutant("REV-6", "failure that shows", WriteMutants.FailureThatShows::new),
                mutant("WRITE-1", "write behind", WriteMutants.WriteBehind::new),
                sharing("WRITE-2", "create by looking", () -> new Pairing<Txn>(), WriteMutants.CreateByLooking::new),
                mutant("WRITE-3", "update of nothing", WriteMutants.UpdateOfNothing::new),
                sharing("WRITE-4", "lost update", () -> new Pairing<Txn>(), WriteMutants.LostUpdate::new),
                sharing("WRITE-5", "blind to re-creation", () -> new ConcurrentHashMap<WriteMutants.BlindToRecreation.Version, Bytes>(), WriteMutants.BlindToRecreation::new),
                mutant("WRITE-6", "unknown called not applied", WriteMutants.UnknownCalledNotApplied::new),
                mutant("WRITE-7", "double apply", WriteMutants.DoubleApply::new),
                mutant("WRITE-8", "failed create overwrites", WriteMutants.FailedCreateOverwrites::new),
                mutant("TXN-1", "half a transaction", TxnMutants.HalfATransaction::new),
                mutant("TXN-2", "last condition reported", TxnMutants.LastConditionReported::new),
                sharing("TXN-3", "conditions apart", () -> new Pairing<Txn>(), TxnMutants.ConditionsApart::new),
                mutant("TXN-4", "empty delete counts", TxnMutants.EmptyDeleteCounts::new),
                mutant("TXN-5", "smaller limit", TxnMutants.SmallerLimit::new),
                mutant("TXN-6", "tests after its writes", TxnMutants.TestsAfterItsWrites::new),
                mutant("WATCH-1", "begins with a snapshot", WatchStartMutants.BeginsWithASnapshot::new),
                mutant("WATCH-2", "snapshot in pages", listening(WatchMutants.SnapshotInPages::new)),
                mutant("WATCH-3", "duplicate after reconnect", WatchMutants.DuplicateAfterReconnect::new),
                mutant("WATCH-3", "older after newer", listening(WatchMutants.OlderAfterNewer::new)),
                mutant("WATCH-4", "torn batch", listening(WatchMutants.TornBatch::new)),
                mutant("WATCH-5", "dropped event", listening(WatchMutants.DroppedEvent::new)),
                mutant("WATCH-6", "gap without snapshot", listening(WatchMutants.GapWithoutSnapshot::new)),
                mutant("WATCH-7", "dropped last event", WatchMutants.DroppedLastEvent::new),
                mutant("WATCH-7", "from now", WatchStartMutants.FromNow::new),
                mutant("WATCH-8", "watch by prefix without slash", WatchMutants.PrefixWithoutSlash::new),
                mutant("WATCH-9", "watches forget the leased flag", listening(WatchMutants.LeasedIsForgotten::new)),
                mutant("WATCH-10", "from instead of after", WatchStartMutants.FromInsteadOfAfter::new),
                mutant("WATCH-10", "future taken for now", WatchStartMutants.FutureTakenForNow::new),
                mutant("WATCH-11", "dead after a cut", WatchMutants.DeadAfterACut::new),
                mutant("WATCH-12", "signal after end", listening(WatchMutants.SignalAfterEnd::new)),
                mutant("WATCH-12", "second end", listening(WatchMutants.SecondEnd::new)),
                mutant("WATCH-13", "one listener at a time", WatchMutants.OneListenerAtATime::new),
                mutant("WATCH-14", "killed by its listener", listening(WatchMutants.KilledByItsListener::new)),
                mutant("WATCH-3", "replayed to its listener", listening(WatchMutants.ReplayedToAListenerThatThrew::new)),
                mutant("WATCH-15", "empty snapshot withheld", listening(WatchMutants.EmptySnapshotWithheld::new)),
                mutant("WATCH-16", "merged history", WatchStartMutants.MergedHistory::new),
                mutant("WATCH-17", "silent compaction", WatchStartMutants.SilentCompaction::new),
                mutant("WATCH-18", "a hundred watches", WatchMutants.HundredWatches::new),
                mutant("LEASE-1", "not renewed", LeaseMutants.NotRenewed::new),
                mutant("LEASE-2", "lease outlives its ttl", LeaseMutants.OutlivesItsTtl::new),
                mutant("LEASE-3", "entries go one by one", LeaseMutants.EntriesGoOneByOne::new),
                mutant("LEASE-4", "no loss", granting(LeaseMutants.NoLoss::new)),
                mutant("LEASE-4", "late loss", LeaseMutants.LateLoss::new),
                mutant("LEASE-5", "writes without the lease", LeaseMutants.WritesWithoutTheLease::new),
                mutant("LEASE-6", "update drops lease", LeaseMutants.UpdateDropsLease::new),
                mutant("LEASE-7", "put does not move", LeaseMutants.PutDoesNotMove::new),
                mutant("LEASE-8", "lease deletes what was re-created", LeaseMutants.DeletesWhatWasRecreated::new),
                mutant("LEASE-9", "revokes later", LeaseMutants.RevokesLater::new),
                mutant("LEASE-10", "leaves without a word", LeaseMutants.LeavesWithoutAWord::new),
                mutant("LEASE-11", "ttl as asked for", LeaseMutants.TtlAsAskedFor::new),
                mutant("LEASE-12", "takes foreign leases", LeaseMutants.TakesForeignLeases::new),
                mutant("LEASE-13", "reads forget the leased flag", ReadMutants.LeasedIsForgotten::new),
                mutant("LEASE-14", "takes the subtree along", LeaseMutants.TakesTheSubtreeAlong::new),
                mutant("ERR-1", "wrapped exception", LifeMutants.WrappedException::new),
                mutant("ERR-2", "value in the message", LifeMutants.ValueInTheMessage::new),
                mutant("ERR-3", "read in doubt", LifeMutants.ReadInDoubt::new),
                mutant("ERR-4", "history undeclared", LifeMutants.HistoryUndeclared::new),
                mutant("ERR-5", "null as failure", LifeMutants.NullAsFailure::new),
                mutant("ERR-6", "in doubt when unreachable", LifeMutants.InDoubtWhenUnreachable::new),
                mutant("LIFE-1", "future never completed", LifeMutants.FutureNeverCompleted::new),
                mutant("LIFE-2", "close that hangs", LifeMutants.CloseThatHangs::new),
                mutant("LIFE-3", "pending forgotten", LifeMutants.PendingForgotten::new),
                mutant("LIFE-4", "reads after close", LifeMutants.ReadsAfterClose::new),
                sharing("LIFE-5", "leaked thread", AtomicInteger::new, LifeMutants.LeakedThread::new),
                mutant("LIFE-6", "open needs the server", LifeMutants.OpenNeedsTheServer::new),
                mutant("LIFE-7", "connection always well", LifeMutants.ConnectionAlwaysWell::new),
                mutant("LIFE-7", "first status withheld", LifeMutants.FirstStatusWithheld::new),
                mutant("LIFE-8", "gives up after a cut", LifeMutants.GivesUpAfterACut::new),
                mutant("THREAD-1", "callback on the io thread", LifeMutants.CallbackOnTheIoThread::new),
                mutant("THREAD-2", "concurrent callbacks", listening(WatchMutants.ConcurrentCallbacks::new)),
                mutant("THREAD-3", "answers crossed", LifeMutants.AnswersCrossed::new),
                mutant("THREAD-4", "nameless thread", LifeMutants.NamelessThread::new));
    }
}
