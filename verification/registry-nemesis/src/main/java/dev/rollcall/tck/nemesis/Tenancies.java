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

/** All tenancies of a run, and what is seen of them. Safe for use by several threads. */
final class Tenancies {
    /** Where the entries are; nobody else writes there. */
    static final Directory DIRECTORY = Directory.of("/leases");

    private static final int KEYS = 3;

    private final Findings findings;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Key, Tenancy> byKey = new ConcurrentHashMap<>();
    private final Set<Tenancy> open = ConcurrentHashMap.newKeySet();

    Tenancies(Findings findings) {
        this.findings = findings;
    }

    /** A tenancy with keys that are never used again. */
    Tenancy begin(String holder, Lease lease) {
        int number = count.incrementAndGet();
        List<Key> keys = IntStream.range(0, KEYS)
                .mapToObj(i -> DIRECTORY.key("t" + number + "-" + i))
                .toList();
        Tenancy tenancy = new Tenancy("tenancy " + number + " of " + holder, lease, keys, findings);
        open.add(tenancy);
        keys.forEach(key -> byKey.put(key, tenancy));
        return tenancy;
    }

    /** Somebody saw the whole directory at one revision. */
    void observed(String who, Collection<KeyValue> entries, long revision) {
        Map<Tenancy, List<KeyValue>> present = new HashMap<>();
        for (KeyValue entry : entries) {
            Tenancy tenancy = byKey.get(entry.key());
            if (tenancy != null) {
                present.computeIfAbsent(tenancy, absent -> new ArrayList<>()).add(entry);
            }
        }
        present.forEach((tenancy, some) -> tenancy.present(who, some, revision));
        for (Tenancy tenancy : open) {
            if (!present.containsKey(tenancy)) {
                tenancy.absent(who, revision);
            }
        }
    }

    /** Those that are over, and were not found to be settled yet. */
    Set<Tenancy> due() {
        open.removeIf(Tenancy::isSettled);
        return open.stream().filter(Tenancy::isOver).collect(Collectors.toSet());
    }

    /** Those of {@code due} that have an entry among {@code keys}. */
    List<Tenancy> among(Set<Tenancy> due, Set<Key> keys) {
        return due.stream()
                .filter(tenancy -> tenancy.keys().stream().anyMatch(keys::contains))
                .toList();
    }

    /** Nothing more is owed of these. */
    void settled(Set<Tenancy> some) {
        open.removeAll(some);
    }
}
