package dev.rollcall.inmemory;

import dev.rollcall.kv.KvException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The leases and watches of a handle at its store, as long as it is connected. */
final class Presence {
    /*
     * Concurrency: every method but forget is called with the connection's lock held. The sets are concurrent because a watch
     * or a lease leaves them on whichever thread it ends.
     */
    private final StoreData storeData;
    private final Set<HeldLease> leases = ConcurrentHashMap.newKeySet();
    private final Set<StoreWatch> watches = ConcurrentHashMap.newKeySet();

    Presence(StoreData storeData) {
        this.storeData = storeData;
    }

    void add(StoreWatch watch, boolean alive) {
        watches.add(watch);
        if (alive) {
            storeData.attach(List.of(watch));
        }
    }

    void add(HeldLease lease, boolean alive) {
        leases.add(lease);
        if (!alive) {
            lease.fallSilent();
        }
    }

    List<HeldLease> leases() {
        return new ArrayList<>(leases);
    }

    /** Ended watches and leases have nothing at the store. */
    void forget(StoreWatch watch) {
        watches.remove(watch);
        storeData.forget(watch);
    }

    void forget(HeldLease lease) {
        leases.remove(lease);
    }

    void fallSilent() {
        List<StoreWatch> started = new ArrayList<>(watches);
        storeData.detach(started);
        leases.forEach(HeldLease::fallSilent);
    }

    void resume() {
        leases.forEach(HeldLease::renew);
        storeData.attach(new ArrayList<>(watches));
    }

    void end(boolean reachable, KvException reason) {
        watches.forEach(watch -> watch.closeWith(reason));
        leases.forEach(lease -> lease.abandon(reachable));
    }
}
