package dev.rollcall.inmemory;

import dev.rollcall.kv.Key;
import java.util.Set;
import java.util.TreeSet;

/** What the store knows of a lease. Guarded by the store data's lock. */
final class StoredLease {
    final String id;
    final Set<Key> keys = new TreeSet<>();
    boolean ended;

    StoredLease(String id) {
        this.id = id;
    }
}
