package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Directory;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * All companions of a run. Nodes and views go on when the store goes back in time; who relies on what the store remembers, holders of leases and
 * contenders for a lock, ends before and begins anew in another place.
 */
final class Companions implements AutoCloseable {
    private final Function<Directory, Setting> settings;
    private final ViewedNodes nodes;
    /** How often the store has gone back. */
    private int age;

    private HeldLeases leases;
    private ContendedLock lock;

    /** Begins all. {@code settings} says what their environment is, with their place. */
    Companions(Function<Directory, Setting> settings) {
        this.settings = settings;
        Setting setting = settings.apply(place());
        this.nodes = new ViewedNodes(setting.handles());
        this.leases = new HeldLeases(setting);
        this.lock = new ContendedLock(setting);
    }

    private Directory place() {
        return age == 0 ? Directory.ROOT : Directory.of("/age" + age);
    }

    private List<Companion> all() {
        return List.of(nodes, leases, lock);
    }

    /** As {@link Companion#entriesMayGo}. */
    void entriesMayGo() {
        all().forEach(Companion::entriesMayGo);
    }

    /** As {@link Companion#entriesStay}. */
    void entriesStay(long revision) {
        all().forEach(companion -> companion.entriesStay(revision));
    }

    /** After a round, as {@link Companion#difference}: tells what is not as it should be. */
    void judge(String name, int round, RunFindings findings, Duration limit) throws InterruptedException {
        for (Companion companion : all()) {
            companion.difference(round, limit).ifPresent(difference -> findings.violation(name + ": " + difference));
        }
    }

    /**
     * Has the store go back in time by {@code restore}, and judges what there is across it: watches and leases that were there before, nodes and views.
     */
    void across(String name, int round, RunFindings findings, Duration limit, Runnable restore)
            throws InterruptedException {
        leases.close();
        lock.close();
        age++;
        Setting setting = settings.apply(place());
        try (RewindWitness witness = new RewindWitness(setting)) {
            restore.run();
            for (Companion companion : List.of(witness, nodes)) {
                companion
                        .difference(round, limit)
                        .ifPresent(difference -> findings.violation(
                                name + ": the store went back in time, and " + limit + " later " + difference));
            }
        } finally {
            leases = new HeldLeases(setting);
            lock = new ContendedLock(setting);
        }
    }

    @Override
    public void close() {
        lock.close();
        leases.close();
        nodes.close();
    }
}
