package dev.rollcall.tck;

/**
 * The half of {@link KvBackendTck} about what a store holds: keys, values, revisions, reads, writes, transactions, watches and failures. A build
 * in which a run of the whole kit takes long can give each half a class and a process of its own; {@link LifetimeTck} is the other half.
 */
public interface DataTck
        extends FixtureContract,
                KeyContract,
                DirectoryNameContract,
                ValueContract,
                RevisionContract,
                ReadContract,
                WriteContract,
                RewriteContract,
                OutcomeContract,
                TxnContract,
                ThresholdContract,
                WatchContract,
                WatchCutContract,
                WatchListenerContract,
                WatchHistoryContract,
                ErrorContract,
                FailurePathContract,
                UrlContract,
                ConcurrencyContract {}
