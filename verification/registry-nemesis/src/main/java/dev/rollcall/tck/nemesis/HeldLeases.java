package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holders of leases: one on each handle, and one with handles of its own, which it closes. A watch on each handle and a reader, who lists
 * through any of them, look at the entries all the time; see {@link ObservedLease} for what is judged. When all has healed, what is over has
 * to go and its holders have to be told.
 */
final class HeldLeases implements Companion {
    private static final long POLL_MILLIS = 20;
    private static final int MOST_READING_MILLIS = 300;

    private final Setting setting;
    private final ObservedLeases observedLeases;
    private final Crew crew;
    private final List<Watcher> watchers = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();

    HeldLeases(Setting setting) {
        this.setting = setting;
        this.observedLeases = new ObservedLeases(setting.place().directory("leases"), setting.findings());
        this.crew = new Crew(setting.findings()::violation, setting.patience());
        int handles = setting.handles().size();
        for (int i = 0; i < handles; i++) {
            Watcher watcher = new Watcher("the watch of handle " + i);
            watchers.add(watcher);
            watches.add(setting.handle(i).watch(observedLeases.directory(), WatchStart.snapshot(), watcher));
        }
        for (int i = 0; i <= handles; i++) {
            crew.start("lease-holder-" + i, new LeaseHolder(i, setting, observedLeases, crew));
        }
        Random random = new Random(setting.seed());
        crew.start("lease-reader", () -> read(random));
    }

    private void read(Random random) throws InterruptedException {
        crew.pause(random.nextInt(MOST_READING_MILLIS));
        int handle = random.nextInt(setting.handles().size());
        crew.answer("a list of leased entries", setting.handle(handle).list(observedLeases.directory()))
                .ifPresent(listed ->
                        observedLeases.observed("a list by handle " + handle, listed.entries(), listed.revision()));
    }

    @Override
    public Optional<String> difference(int round, Duration limit) throws InterruptedException {
        Set<ObservedLease> due = observedLeases.due();
        long end = System.nanoTime() + limit.toNanos();
        Optional<String> difference = difference(due);
        while (difference.isPresent() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            difference = difference(due);
        }
        observedLeases.settled(due);
        return difference.map(what -> what + ", " + limit + " after all had healed");
    }

    private Optional<String> difference(Set<ObservedLease> due) throws InterruptedException {
        for (ObservedLease observedLease : due) {
            if (!observedLease.isTold()) {
                return Optional.of("LEASE-4, " + observedLease + " is over, and ended() is not complete");
            }
        }
        Optional<Snapshot> listed =
                crew.answer("a list of leased entries", setting.handle(0).list(observedLeases.directory()));
        if (listed.isEmpty()) {
            return Optional.of("leased entries could not be listed");
        }
        List<ObservedLease> there =
                observedLeases.among(due, Cut.of(listed.get()).entries().keySet());
        if (!there.isEmpty()) {
            return Optional.of("LEASE-2, the entries of " + there + " are still there");
        }
        for (Watcher watcher : watchers) {
            List<ObservedLease> shown =
                    observedLeases.among(due, watcher.cut.entries().keySet());
            if (!shown.isEmpty()) {
                return Optional.of("WATCH-11, " + watcher.name + " still shows the entries of " + shown);
            }
        }
        return Optional.empty();
    }

    @Override
    public void entriesMayGo() {
        observedLeases.entriesMayGo();
    }

    @Override
    public void entriesStay(long revision) {
        observedLeases.entriesStay();
    }

    @Override
    public void close() {
        crew.close();
        watches.forEach(Watch::close);
    }

    /** Holds the directory as a watch tells it. */
    private final class Watcher implements WatchListener {
        private final String name;
        private volatile Cut cut = Cut.empty(0);

        Watcher(String name) {
            this.name = name;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            cut = cut.after(signal);
            observedLeases.observed(name, cut.entries().values(), cut.revision());
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            if (cause != null) {
                setting.findings().violation("WATCH-12, " + name + " on leased entries ended by itself: " + cause);
            }
        }
    }
}
