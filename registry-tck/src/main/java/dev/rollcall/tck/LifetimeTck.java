package dev.rollcall.tck;

/**
 * The half of {@link KvBackendTck} about what begins and ends: leases, handles, their threads and connections. {@link DataTck} is the other
 * half.
 */
public interface LifetimeTck
        extends FixtureContract,
                LeaseContract,
                LeaseLossContract,
                LeaseBookkeepingContract,
                LeaseFaultContract,
                LateAnswerContract,
                BegunInTroubleContract,
                LifecycleContract,
                ConnectionContract,
                ThreadContract,
                ResourceContract {}
