package dev.rollcall.tck;

/**
 * Every test of the kit. A backend proves itself by one class:
 *
 * <pre>{@code
 * class EtcdTckTest implements KvBackendTck {
 *     public BackendFixture fixture() {
 *         return new EtcdFixture();
 *     }
 * }
 * }</pre>
 *
 * <p>Its name ends with {@code TckTest}, or the kit refuses to run: build tools select tests by name, and would pass over others silently.
 */
public interface KvBackendTck
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
                LeaseContract,
                LeaseLossContract,
                LeaseBookkeepingContract,
                LeaseFaultContract,
                BegunInTroubleContract,
                ErrorContract,
                FailurePathContract,
                LifecycleContract,
                ConnectionContract,
                ThreadContract,
                ResourceContract,
                LateAnswerContract,
                UrlContract,
                ConcurrencyContract {}
