package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static dev.rollcall.inmemory.mutants.Mutant.sharing;
import static dev.rollcall.inmemory.mutants.WatchMutants.listening;

import dev.rollcall.kv.Txn;
import java.util.List;
import java.util.stream.Stream;

/** Faults of clients for SQL, Redis, Consul, DynamoDB, etcd and ZooKeeper that show only to who looks twice. */
final class SubtleMutants {
    private SubtleMutants() {}

    static List<Mutant> all() {
        return Stream.of(
                        rows(),
                        trouble(),
                        racing(),
                        DirectoryMutants.all(),
                        ThresholdMutants.all(),
                        FailureMutants.all(),
                        ResourceMutants.all(),
                        LateMutants.all(),
                        UrlMutants.all(),
                        DiagnosisMutants.all(),
                        PassedKeyMutants.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Faults that need a lease, a cut or a lost answer where there is none as a rule. */
    private static List<Mutant> trouble() {
        String lost = "writesOfEveryKindWhoseAnswerIsLostAreUnknownAndAppliedOnce";
        return List.of(
                sharing(
                                "WRITE-2",
                                "leased create by looking",
                                () -> new Pairing<Txn>(),
                                TroubleMutants.LeasedCreateByLooking::new)
                        .seenBy("ofManyWhoCreateAKeyWithALeaseOneHoldsIt"),
                mutant(
                                "WRITE-7",
                                "leased put is sent again",
                                handle -> new TroubleMutants.SentAgain(
                                        handle,
                                        txn -> txn.lease() != null
                                                && txn.writes().size() == 1))
                        .seenBy(lost),
                mutant(
                                "WRITE-7",
                                "delete is sent again",
                                handle -> new TroubleMutants.SentAgain(handle, TroubleMutants.SentAgain::isDelete))
                        .seenBy(lost),
                mutant(
                                "WRITE-6",
                                "delete called not applied",
                                handle ->
                                        new TroubleMutants.CalledNotApplied(handle, TroubleMutants.SentAgain::isDelete))
                        .seenBy(lost),
                mutant(
                                "WRITE-6",
                                "transaction called not applied",
                                handle -> new TroubleMutants.CalledNotApplied(
                                        handle, txn -> txn.writes().size() > 1))
                        .seenBy(lost),
                mutant("WATCH-11", "ends are missed in a cut", TroubleMutants.EndsAreMissedInACut::new)
                        .seenBy("endOfALeaseDuringACutIsMadeUpForAtOnce"),
                mutant("LEASE-1", "lease of a cut is not renewed", TroubleMutants.LeaseOfACutIsNotRenewed::new)
                        .seenBy("leaseAskedForDuringACutIsKeptAlive"),
                mutant("ERR-5", "null lease is none", TroubleMutants.NullLeaseIsNone::new)
                        .seenBy("nullsAreRefusedByTheCallItself"),
                mutant("LIFE-8", "watch of a cut never begins", TroubleMutants.WatchOfACutNeverBegins::new)
                        .seenBy("watchesThatBeginDuringACutBeginAfterIt"),
                mutant("LIFE-7", "subscriber hears the best first", TroubleMutants.SubscriberHearsTheBestFirst::new)
                        .seenBy("subscriptionThatBeginsDuringACutHearsOfItFirst"),
                mutant("WATCH-10", "future forgotten in a cut", TroubleMutants.FutureForgottenInACut::new)
                        .seenBy("watchAfterAFutureRevisionStaysSilentOverACut"));
    }

    /** Transactions with a lease that go another way than those without; seen only where many write at once. */
    private static List<Mutant> racing() {
        String together = "leasedAndPlainWritesFormOneOrder";
        return List.of(
                mutant(
                                "REV-2",
                                "leased transaction in parts",
                                handle -> new TxnMutants.TransactionInParts(handle, true))
                        .onlyJudgedIn(together),
                sharing(
                                "WRITE-4",
                                "leased update is lost",
                                () -> new Pairing<Txn>(),
                                (handle, pairing) -> new WriteMutants.LostUpdate(handle, pairing, true))
                        .onlyJudgedIn(together),
                sharing(
                                "TXN-3",
                                "conditions apart from leased writes",
                                () -> new Pairing<Txn>(),
                                (handle, pairing) -> new TxnMutants.ConditionsApart(handle, pairing, true))
                        .onlyJudgedIn(together));
    }

    /** Faults in the table of leases, and in what is put again. */
    private static List<Mutant> rows() {
        return List.of(
                mutant("LEASE-6", "lease of the whole transaction", LeaseRowMutants.LeaseOfTheWholeTransaction::new)
                        .seenBy("leaseOfOneWriteIsNotThatOfTheOthersBesideIt"),
                mutant("LEASE-6", "compare-and-set drops the lease", LeaseRowMutants.CompareAndSetDropsTheLease::new)
                        .seenBy("conditionalWritesOfAnyHandleKeepTheLease"),
                mutant(
                                "LEASE-6",
                                "conditional transaction drops the lease",
                                LeaseRowMutants.CompareAndSetDropsTheLease::inTransactions)
                        .seenBy("conditionalWritesOfAnyHandleKeepTheLease"),
                mutant("LEASE-7", "tied once only", LeaseRowMutants.TiedOnceOnly::new)
                        .seenBy("entryThatCameBackToALeaseLivesOnThatOne"),
                mutant("LEASE-7", "lease that forgets nothing", LeaseRowMutants.LeaseThatForgetsNothing::new)
                        .seenBy("entryThatCameBackToALeaseLivesOnThatOne"),
                mutant("LEASE-9", "a hundred entries of a lease", LeaseRowMutants.HundredEntriesOfALease::new)
                        .seenBy("hundredsOfEntriesGoWithTheirLease"),
                mutant("LEASE-3", "entries go in pages", LeaseRowMutants.EntriesGoInPages::new)
                        .seenBy("hundredsOfEntriesGoWithTheirLease", "hundredsOfEntriesGoWithALeaseThatExpires"),
                mutant("LEASE-10", "one lease at close", LeaseRowMutants.OneLeaseAtClose::new)
                        .seenBy("closeOfAHandleEndsEachOfItsLeases"),
                mutant("LEASE-10", "close stops at an ended lease", LeaseRowMutants.CloseStopsAtAnEndedLease::new)
                        .seenBy("closeOfAHandleEndsEachOfItsLeases"),
                mutant("LEASE-9", "revoke fails after close", LeaseRowMutants.RevokeFailsAfterClose::new)
                        .seenBy("leaseOfAHandleThatWasClosedIsOver"),
                mutant(
                                "LEASE-13",
                                "sequential gets forget the lease",
                                handle -> new LeaseRowMutants.SequentialReadsForgetTheLease(handle, false))
                        .seenBy("sequentialReadsTellWhetherAnEntryIsLeased"),
                mutant(
                                "LEASE-13",
                                "sequential lists forget the lease",
                                handle -> new LeaseRowMutants.SequentialReadsForgetTheLease(handle, true))
                        .seenBy("sequentialReadsTellWhetherAnEntryIsLeased"),
                mutant(
                                "LEASE-13",
                                "snapshot after a gap forgets the lease",
                                handle -> new LeaseRowMutants.GapForgetsTheLease(handle, true))
                        .seenBy("whatClosesAGapTellsWhetherAnEntryIsLeased"),
                mutant(
                                "LEASE-13",
                                "resumed watch forgets the lease",
                                handle -> new LeaseRowMutants.GapForgetsTheLease(handle, false))
                        .seenBy("whatClosesAGapTellsWhetherAnEntryIsLeased"),
                mutant(
                                "LEASE-2",
                                "lease goes at three quarters of its ttl",
                                handle -> new LeaseRowMutants.GoesTooSoon(handle, 0.75, Double.MAX_VALUE))
                        .seenBy("entriesOfASilentHolderStayForTheTtl"),
                mutant(
                                "LEASE-2",
                                "lease goes a hair too soon",
                                handle -> new LeaseRowMutants.GoesTooSoon(handle, 0.9, Double.MAX_VALUE))
                        .seenBy("entriesOfASilentHolderStayForTheTtl"),
                mutant(
                                "LEASE-1",
                                "lease is renewed ten times",
                                handle -> new LeaseRowMutants.GoesTooSoon(handle, Double.MAX_VALUE, 10))
                        .seenBy("entriesOutliveManyTtlsOfALiveHolder"),
                mutant("WRITE-9", "same value is no write", RewriteMutants.SameValueIsNoWrite::new)
                        .seenBy("puttingTheSameValueAgainIsAWrite", "changeOfTheLeaseAloneIsAWrite"),
                mutant("WRITE-9", "no row changed", RewriteMutants.NoRowChanged::new)
                        .seenBy("puttingTheSameValueAgainIsAWrite"),
                mutant("WRITE-9", "lease alone is no write", RewriteMutants.LeaseAloneIsNoWrite::new)
                        .seenBy("changeOfTheLeaseAloneIsAWrite"),
                mutant(
                                "WRITE-9",
                                "watch compares values",
                                listening(listener -> new RewriteMutants.WatchComparesValues(listener, false)))
                        .seenBy("puttingTheSameValueAgainIsAWrite", "changeOfTheLeaseAloneIsAWrite"),
                mutant(
                                "WRITE-9",
                                "watch compares values and flags",
                                listening(listener -> new RewriteMutants.WatchComparesValues(listener, true)))
                        .seenBy("puttingTheSameValueAgainIsAWrite", "changeOfTheLeaseAloneIsAWrite"));
    }
}
