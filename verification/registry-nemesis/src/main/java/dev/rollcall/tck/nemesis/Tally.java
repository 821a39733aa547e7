package dev.rollcall.tck.nemesis;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the actions of holders of leases and locks. Safe for use by several threads. */
final class Tally {
    final AtomicInteger leases = new AtomicInteger();
    final AtomicInteger leasesLost = new AtomicInteger();
    final AtomicInteger turns = new AtomicInteger();
    final AtomicInteger turnsLost = new AtomicInteger();
    final AtomicInteger guarded = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();

    HolderFigures now() {
        return new HolderFigures(
                leases.get(), leasesLost.get(), turns.get(), turnsLost.get(), guarded.get(), refused.get());
    }
}
