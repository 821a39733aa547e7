package dev.rollcall.tck;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The threads that a test answers for. */
enum LiveThreads {
    /** All of the JVM: nothing escapes, as long as nobody else starts threads meanwhile. */
    OF_THE_JVM {
        @Override
        Set<Thread> now() {
            return Thread.getAllStackTraces().keySet();
        }
    },

    /** Those of the group of the calling thread, which all that a test starts inherits: for a JVM that is shared with other runs. */
    OF_THE_TEST {
        @Override
        Set<Thread> now() {
            ThreadGroup group = Thread.currentThread().getThreadGroup();
            Thread[] threads = new Thread[group.activeCount() + 16];
            int count = group.enumerate(threads);
            while (count == threads.length) {
                // What does not fit is left out without a word.
                threads = new Thread[2 * count];
                count = group.enumerate(threads);
            }
            return Arrays.stream(threads, 0, count).collect(Collectors.toSet());
        }
    };

    abstract Set<Thread> now();

    /** Whether {@code thread} is the JVM's own or the kit's, those of its proxies included. */
    static boolean isForeign(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        String name = thread.getName();
        return name.startsWith("kit-")
                || name.startsWith("tcp-proxy-")
                || name.startsWith("ForkJoinPool.commonPool")
                || name.startsWith("CompletableFutureDelayScheduler")
                || (group != null
                        && (group.getName().equals("system") || group.getName().equals("InnocuousThreadGroup")));
    }

    /** Whether {@code thread} was begun by the test that calls this, by what it has called or by threads of either. */
    static boolean isOfTheTest(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group != null && Thread.currentThread().getThreadGroup().parentOf(group);
    }
}
