package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;

import dev.rollcall.inmemory.InMemoryBackend;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that make threads and connections when their connection breaks, and lose sight of them. */
final class ResourceMutants {
    private static final String CUT = "handleThatWasCutOffLeavesNoThreadAndNoConnection";
    private static final String RESTART = "handlesThatSawARestartLeaveNoThreadAndNoConnection";
    private static final String NAMES = "threadsOfBadTimesAreDaemonsAndTellTheirBackend";

    private ResourceMutants() {}

    static List<Mutant> all() {
        return List.of(
                mutant("LIFE-5", "thread of each cut stays", handle -> new Threads(handle, "reconnect", true) {
                            @Override
                            void cut() {
                                begin();
                            }
                        })
                        .seenBy(CUT),
                mutant("LIFE-5", "timer of each restart stays", handle -> new Threads(handle, "Timer-0", true) {
                            @Override
                            void beforeKill() {
                                begin();
                            }
                        })
                        .seenBy(RESTART),
                mutant("LIFE-5", "connection of each cut stays", handle -> new Connections(handle, true) {
                            @Override
                            void cut() {
                                add();
                            }
                        })
                        .seenBy(CUT),
                mutant("LIFE-5", "connection to each server stays", handle -> new Connections(handle, true) {
                            @Override
                            void beforeKill() {
                                add();
                            }
                        })
                        .seenBy(RESTART),
                mutant("LIFE-5", "two connections after a cut", handle -> new Connections(handle, false) {
                            @Override
                            void cut() {
                                add();
                            }
                        })
                        .seenBy(CUT),
                mutant("THREAD-4", "nameless thread in a cut", handle -> new Threads(handle, "pool-1-thread-1", false) {
                            @Override
                            void cut() {
                                begin();
                            }
                        })
                        .seenBy(NAMES),
                mutant("THREAD-4", "nameless thread in a restart", handle -> new Threads(handle, "Thread-0", false) {
                            @Override
                            void beforeKill() {
                                begin();
                            }
                        })
                        .seenBy(NAMES),
                mutant("THREAD-4", "prober is no daemon", handle -> new Threads(handle, "inmemory-prober", false) {
                            @Override
                            void cut() {
                                begin(false);
                            }
                        })
                        .seenBy(NAMES));
    }

    /** Begins threads when the connection breaks, and ends them when it is closed, or never. */
    private abstract static class Threads extends Forwarding {
        private static final long LONGER_THAN_A_TEST_SECONDS = 300;

        private final String name;
        private final boolean forgetful;
        private final CountDownLatch end = new CountDownLatch(1);

        Threads(InMemoryBackend handle, String name, boolean forgetful) {
            super(handle);
            this.name = name;
            this.forgetful = forgetful;
        }

        void begin() {
            begin(true);
        }

        void begin(boolean daemon) {
            if (isClosed()) {
                return;
            }
            Thread thread = new Thread(
                    () -> {
                        try {
                            end.await(LONGER_THAN_A_TEST_SECONDS, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    name);
            thread.setDaemon(daemon);
            thread.start();
        }

        @Override
        public void close() {
            handle.close();
            if (!forgetful) {
                end.countDown();
            }
        }
    }

    /** Makes one connection more when one breaks, and closes them with the handle, or never. */
    private abstract static class Connections extends Forwarding {
        private final boolean forgetful;
        private final AtomicInteger more = new AtomicInteger();

        Connections(InMemoryBackend handle, boolean forgetful) {
            super(handle);
            this.forgetful = forgetful;
        }

        void add() {
            more.incrementAndGet();
        }

        @Override
        int moreConnections() {
            return isReachable() || isClosed() ? more.get() : 0;
        }

        @Override
        public void close() {
            handle.close();
            if (!forgetful) {
                more.set(0);
            }
        }
    }
}
