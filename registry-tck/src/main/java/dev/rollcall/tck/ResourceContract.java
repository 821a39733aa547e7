package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Threads and connections after the connection has broken: a client that makes new ones then may forget those it had. All that a test has begun is judged,
 * whatever its name; what is begun once for the whole process is there after the first round.
 */
public interface ResourceContract extends Contract {
    int ROUNDS = 2;

    /** If this fails: each new connection gets a client or a thread of its own, and only the last of them is closed. */
    @Test
    @Rule("LIFE-5")
    @Needs(Hook.CUT)
    default void handleThatWasCutOffLeavesNoThreadAndNoConnection(Kit kit) {
        cutAndClose(kit, "first");
        Resources.notEveryRoundLeavesAThread(kit, ROUNDS, "that were cut off", round -> cutAndClose(kit, "k" + round));
    }

    /** If this fails: what was begun to look for the server goes on when it is there, or nobody ends it. */
    @Test
    @Rule("LIFE-5")
    @Needs(Hook.RESTART)
    default void handlesThatSawARestartLeaveNoThreadAndNoConnection(Kit kit) {
        restartAndClose(kit, "first");
        Resources.notEveryRoundLeavesAThread(
                kit, ROUNDS, "that saw a restart of the server", round -> restartAndClose(kit, "k" + round));
    }

    /** If this fails: threads for bad times are made by another factory than those for good ones. */
    @Test
    @Rule("THREAD-4")
    @Needs({Hook.CUT, Hook.RESTART})
    default void threadsOfBadTimesAreDaemonsAndTellTheirBackend(Kit kit) {
        Set<Thread> before = kit.liveThreads();
        KvBackend handle = Resources.busy(kit, "k");
        kit.store().cut(kit.handle(handle));
        awaitDisconnected(kit, handle);
        Resources.namesTellTheirBackend(kit, before, "of a handle that is cut off");
        kit.store().heal(kit.handle(handle));
        FaultSteps.awaitReachable(kit, handle);
        Resources.namesTellTheirBackend(kit, before, "of a handle that was cut off");
        restart(kit, List.of(handle));
        Resources.namesTellTheirBackend(kit, before, "of a handle that saw a restart of the server");
    }

    private static void cutAndClose(Kit kit, String name) {
        KvBackend handle = Resources.busy(kit, name);
        int connections = kit.connections(handle);
        for (int i = 0; i < ROUNDS; i++) {
            cut(kit, handle);
        }
        Resources.connectionsAreAtMost(
                kit, handle, Math.max(1, connections), "that was cut off " + ROUNDS + " times and had " + connections);
        handle.close();
        Resources.connectionsAreAtMost(kit, handle, 0, "that was cut off " + ROUNDS + " times and then closed");
    }

    private static void restartAndClose(Kit kit, String name) {
        KvBackend handle = Resources.busy(kit, name);
        restart(kit, List.of(handle));
        handle.close();
        Resources.connectionsAreAtMost(kit, handle, 0, "that saw a restart of the server and was closed");
    }

    private static void cut(Kit kit, KvBackend handle) {
        kit.store().cut(kit.handle(handle));
        awaitDisconnected(kit, handle);
        kit.store().heal(kit.handle(handle));
        FaultSteps.awaitReachable(kit, handle);
    }

    private static void restart(Kit kit, List<KvBackend> handles) {
        kit.store().kill();
        handles.forEach(handle -> awaitDisconnected(kit, handle));
        kit.store().restart();
        handles.forEach(handle -> FaultSteps.awaitReachable(kit, handle));
    }

    private static void awaitDisconnected(Kit kit, KvBackend handle) {
        boolean noticed =
                kit.elapseUntil(kit.fixture().deadline().multipliedBy(4), () -> FaultSteps.isDisconnected(handle));
        Expect.that(
                "LIFE-7",
                noticed,
                () -> "connection() of a handle that cannot reach the store says "
                        + handle.connection().state() + "; it must say DISCONNECTED.");
    }
}
