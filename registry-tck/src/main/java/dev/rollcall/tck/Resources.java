package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KvBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/** The resources of a handle beside memory: threads and connections, whatever their names. */
final class Resources {
    private Resources() {}

    /** That each thread which has come since {@code before}, and is neither the JVM's nor the kit's, tells its backend and is a daemon. */
    static void namesTellTheirBackend(Kit kit, Set<Thread> before, String whose) {
        String mark = kit.fixture().threadMark();
        for (Thread thread : kit.liveThreads()) {
            if (before.contains(thread) || LiveThreads.isForeign(thread) || !LiveThreads.isOfTheTest(thread)) {
                continue;
            }
            Expect.that(
                    "THREAD-4",
                    thread.getName().contains(mark),
                    () -> "A thread " + whose + " has the name '" + thread.getName() + "', which does not contain '"
                            + mark + "'.");
            Expect.that(
                    "THREAD-4",
                    thread.isDaemon() || !thread.isAlive(),
                    () -> "The thread '" + thread.getName() + "' " + whose + " is not a daemon.");
        }
    }

    /** Opens a handle that does some of everything, so that it has whatever it ever has. */
    static KvBackend busy(Kit kit, String name) {
        KvBackend handle = kit.open();
        RecordingListener listener = kit.watching(handle);
        kit.await(handle.put(kit.key(name), Bytes.ofUtf8("0"), kit.lease(handle)));
        kit.awaitHeld(listener, kit.key(name), "0");
        return handle;
    }

    /**
     * What each of some rounds leaves of threads that it began. A thread that is begun once for all, or a pool that has not had its size yet, is in the
     * first rounds; what is left by every round is a thread for each.
     */
    static void notEveryRoundLeavesAThread(Kit kit, int rounds, String whose, IntConsumer round) {
        List<Thread> left = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            Set<Thread> before = kit.liveThreads();
            round.accept(i);
            if (kit.comesTrue(() -> since(kit, before).isEmpty())) {
                return;
            }
            left.addAll(since(kit, before));
        }
        throw new RuleViolation(
                "LIFE-5", "Of handles " + whose + " and closed, these threads remain: " + names(left) + ".");
    }

    /** Awaits that the store sees at most so many connections of a handle, if that can be told. */
    static void connectionsAreAtMost(Kit kit, KvBackend handle, int most, String when) {
        kit.eventually(
                "LIFE-5",
                () -> "the store sees at most " + most + " connections of a handle " + when + ", but it sees "
                        + kit.connections(handle),
                () -> kit.connections(handle) <= most);
    }

    private static List<Thread> since(Kit kit, Set<Thread> before) {
        return kit.liveThreads().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .filter(thread -> LiveThreads.isOfTheTest(thread) && !LiveThreads.isForeign(thread))
                .toList();
    }

    private static String names(List<Thread> threads) {
        return threads.stream()
                .map(thread -> "'" + thread.getName() + "'")
                .collect(Collectors.toCollection(TreeSet::new))
                .toString();
    }
}
