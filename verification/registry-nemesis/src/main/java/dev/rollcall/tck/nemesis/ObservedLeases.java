package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** All observed leases of a run, and what is seen of them. Safe for use by several threads. */
final class ObservedLeases {
    /** Where the entries are; nobody else writes there. */
    private final Directory directory;

    private static final int KEYS = 3;

    private final RunFindings findings;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Key, ObservedLease> byKey = new ConcurrentHashMap<>();
    private final Set<ObservedLease> open = ConcurrentHashMap.newKeySet();
    private volatile boolean entriesMayGo;

    ObservedLeases(Directory directory, RunFindings findings) {
        this.directory = directory;
        this.findings = findings;
    }

    Directory directory() {
        return directory;
    }

    /** A observed lease with keys that are never used again. */
    ObservedLease begin(String holder, Lease lease) {
        int number = count.incrementAndGet();
        List<Key> keys = IntStream.range(0, KEYS)
                .mapToObj(i -> directory.key("t" + number + "-" + i))
                .toList();
        ObservedLease observedLease = new ObservedLease("lease " + number + " of " + holder, lease, keys, findings);
        open.add(observedLease);
        keys.forEach(key -> byKey.put(key, observedLease));
        if (entriesMayGo) {
            observedLease.entriesMayGo();
        }
        return observedLease;
    }

    /** Somebody takes entries away from now on, until {@link #entriesStay()}. */
    void entriesMayGo() {
        entriesMayGo = true;
        open.forEach(ObservedLease::entriesMayGo);
    }

    /** The entries of leases that begin from now on stay. */
    void entriesStay() {
        entriesMayGo = false;
    }

    /** Somebody saw the whole directory at one revision. */
    void observed(String who, Collection<KeyValue> entries, long revision) {
        Map<ObservedLease, List<KeyValue>> present = new HashMap<>();
        for (KeyValue entry : entries) {
            ObservedLease observedLease = byKey.get(entry.key());
            if (observedLease != null) {
                present.computeIfAbsent(observedLease, absent -> new ArrayList<>())
                        .add(entry);
            }
        }
        present.forEach((observedLease, some) -> observedLease.present(who, some, revision));
        for (ObservedLease observedLease : open) {
            if (!present.containsKey(observedLease)) {
                observedLease.absent(who, revision);
            }
        }
    }

    /** Those that are over, and were not found to be settled yet. */
    Set<ObservedLease> due() {
        open.removeIf(ObservedLease::isSettled);
        return open.stream().filter(ObservedLease::isOver).collect(Collectors.toSet());
    }

    /** Those of {@code due} that have an entry among {@code keys}. */
    List<ObservedLease> among(Set<ObservedLease> due, Set<Key> keys) {
        return due.stream()
                .filter(observedLease -> observedLease.keys().stream().anyMatch(keys::contains))
                .toList();
    }

    /** Nothing more is owed of these. */
    void settled(Set<ObservedLease> some) {
        open.removeAll(some);
    }
}
