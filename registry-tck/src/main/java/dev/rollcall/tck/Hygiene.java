package dev.rollcall.tck;

import dev.rollcall.kv.Lease;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks after every test: nothing that it started is still running, and no failure went unnoticed. */
final class Hygiene {
    private final Kit kit;
    private final Set<Thread> threadsBefore;
    private final List<Throwable> stray;

    Hygiene(Kit kit, List<Throwable> stray) {
        this.kit = kit;
        this.stray = stray;
        this.threadsBefore = kit.liveThreads();
    }

    /** Closes what is open and judges what remains. */
    void judge() {
        kit.verifyListeners();
        kit.handles().forEach(TrackedBackend::close);
        for (TrackedBackend handle : kit.handles()) {
            kit.eventually(
                    "LIFE-3",
                    "every future of a closed handle completes, but some of " + handle + " did not",
                    () -> handle.pending().isEmpty());
            kit.eventually(
                    "LIFE-3",
                    () -> "every lease of a closed handle ends, but these did not: "
                            + handle.heldLeases().stream().map(Lease::id).toList(),
                    () -> handle.heldLeases().isEmpty());
        }
        for (RecordingListener listener : kit.listeners()) {
            kit.eventually("LIFE-3", "every watch of a closed handle ends, but not " + listener, listener::hasEnded);
        }
        kit.eventually(
                "LIFE-5",
                () -> "no thread remains of handles that were closed, but there are " + leakedThreads(),
                () -> leaked().isEmpty());
        kit.verifyListeners();
        stray.stream()
                .filter(failure -> !DeliberateFailure.isIn(failure))
                .findFirst()
                .ifPresent(failure -> {
                    throw new AssertionError("A thread died of an exception that nobody caught: " + failure, failure);
                });
    }

    /** Closes what is open, after a test that failed and has said enough. */
    void cleanUp() {
        for (TrackedBackend handle : kit.handles()) {
            try {
                handle.close();
            } catch (RuntimeException | Error e) {
                // The test has failed already, and a second failure would only hide the first.
                stray.add(e);
            }
        }
    }

    private List<Thread> leaked() {
        String mark = kit.fixture().threadMark();
        return kit.liveThreads().stream()
                .filter(thread -> !threadsBefore.contains(thread) && thread.isAlive())
                .filter(thread -> thread.getName().contains(mark))
                .toList();
    }

    private String leakedThreads() {
        return leaked().stream().map(Thread::getName).collect(Collectors.joining(", "));
    }
}
