package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static dev.rollcall.inmemory.mutants.WatchMutants.listening;

import java.util.List;

/** Faults of clients for SQL, Redis, Consul, DynamoDB, etcd and ZooKeeper that show only to who looks twice. */
final class SubtleMutants {
    private SubtleMutants() {}

    static List<Mutant> all() {
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
