package dev.rollcall.tck;

import dev.rollcall.tck.history.Workload;
import org.junit.jupiter.api.Test;

/**
 * Concurrent clients whose whole history is recorded and judged afterwards, against every other answer and signal. The other tests have to look at the
 * right moment; these find faults without knowing the moment.
 *
 * <p>If one of these fails: the message names the rule, the seed and the files. Open the page of the smallest failing part first; it shows
 * the few operations that contradict each other, one lane for each client.
 */
public interface ConcurrencyContract extends Contract {
    @Test
    @Rule({"READ-1", "WRITE-4", "WRITE-5", "WRITE-7", "WRITE-8", "REV-1", "REV-4", "REV-5"})
    default void registersBehaveAsIfThereWereOneClientAtATime(Kit kit) {
        JudgedWorkload.of(kit, Workload.REGISTERS).run();
    }

    @Test
    @Rule({"TXN-1", "TXN-3", "READ-4", "REV-2"})
    default void transactionsAndListsOfManyClientsFormOneOrder(Kit kit) {
        JudgedWorkload.of(kit, Workload.TRANSFERS).run();
    }

    @Test
    @Rule({"WATCH-2", "WATCH-3", "WATCH-4", "WATCH-5", "WATCH-9", "REV-2"})
    default void watchesAgreeWithEveryWriteAndRead(Kit kit) {
        JudgedWorkload.of(kit, Workload.WATCHERS).run();
    }

    /** Backends that let what waits on one handle share a request have to keep every operation's own outcome and order. */
    @Test
    @Rule("REV-2")
    default void clientsOfOneHandleFormOneOrder(Kit kit) {
        JudgedWorkload.of(kit, Workload.MIXED).onOneHandle().run();
    }

    /** If this fails: what is put with a lease goes another way than what is put without, and the two are out of step. */
    @Test
    @Rule({"REV-2", "WRITE-4", "TXN-1", "WATCH-2"})
    default void leasedAndPlainWritesFormOneOrder(Kit kit) {
        JudgedWorkload.of(kit, Workload.MIXED).withLeases().run();
    }

    @Test
    @Rule({"WRITE-6", "WRITE-7", "WRITE-8", "READ-1", "TXN-1", "WATCH-3", "WATCH-5", "REV-3"})
    @Needs(Hook.CUT)
    default void historyHoldsWhileConnectionsAreCut(Kit kit) {
        JudgedWorkload.of(kit, Workload.MIXED)
                .disturbedBy(Hook.CUT)
                .withLeases()
                .run();
    }

    /** If this fails with WRITE-6 or WRITE-7: a write is sent again, or called NOT_APPLIED, after its answer was lost. */
    @Test
    @Rule({"WRITE-6", "WRITE-7", "WRITE-8", "TXN-1"})
    @Needs(Hook.LOSE_ANSWER)
    default void historyHoldsWhileAnswersAreLost(Kit kit) {
        JudgedWorkload.of(kit, Workload.MIXED)
                .disturbedBy(Hook.LOSE_ANSWER)
                .withLeases()
                .run();
    }
}
