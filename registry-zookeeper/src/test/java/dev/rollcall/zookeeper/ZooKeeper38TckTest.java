package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.BegunInTroubleContract;
import dev.rollcall.tck.ConnectionContract;
import dev.rollcall.tck.DiagnosisContract;
import dev.rollcall.tck.DirectoryNameContract;
import dev.rollcall.tck.ErrorContract;
import dev.rollcall.tck.FailurePathContract;
import dev.rollcall.tck.FixtureContract;
import dev.rollcall.tck.KeyContract;
import dev.rollcall.tck.LateAnswerContract;
import dev.rollcall.tck.LeaseBookkeepingContract;
import dev.rollcall.tck.LeaseContract;
import dev.rollcall.tck.LeaseFaultContract;
import dev.rollcall.tck.LeaseLossContract;
import dev.rollcall.tck.LifecycleContract;
import dev.rollcall.tck.OutcomeContract;
import dev.rollcall.tck.ReadContract;
import dev.rollcall.tck.ResourceContract;
import dev.rollcall.tck.RevisionContract;
import dev.rollcall.tck.RewriteContract;
import dev.rollcall.tck.ThreadContract;
import dev.rollcall.tck.ThresholdContract;
import dev.rollcall.tck.TxnContract;
import dev.rollcall.tck.UrlContract;
import dev.rollcall.tck.ValueContract;
import dev.rollcall.tck.WatchContract;
import dev.rollcall.tck.WatchCutContract;
import dev.rollcall.tck.WatchHistoryContract;
import dev.rollcall.tck.WatchListenerContract;
import dev.rollcall.tck.WriteContract;

/**
 * The kit against a ZooKeeper 3.8 that serves alone, but for {@code ConcurrencyContract}: its clients delete siblings within the same
 * milliseconds, and on such a server nothing tells which of the two transactions a deletion was in.
 */
class ZooKeeper38TckTest
        implements FixtureContract,
                KeyContract,
                DirectoryNameContract,
                ValueContract,
                RevisionContract,
                ReadContract,
                WriteContract,
                OutcomeContract,
                TxnContract,
                ThresholdContract,
                WatchContract,
                WatchCutContract,
                WatchListenerContract,
                WatchHistoryContract,
                LeaseContract,
                LeaseBookkeepingContract,
                LeaseFaultContract,
                LeaseLossContract,
                BegunInTroubleContract,
                ErrorContract,
                FailurePathContract,
                LifecycleContract,
                ConnectionContract,
                ThreadContract,
                RewriteContract,
                LateAnswerContract,
                ResourceContract,
                DiagnosisContract,
                UrlContract {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-3.8", ZooKeeperServers.of(ZooKeeperServer.alone(true)));
    }
}
