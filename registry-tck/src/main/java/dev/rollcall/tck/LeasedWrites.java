package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets half of what a workload puts live on a lease of its handle. As long as the leases are held, nothing goes that nobody has deleted. */
final class LeasedWrites {
    private static final int EVERY = 2;

    private final Kit kit;
    private final List<Lease> leases = new ArrayList<>();
    private final Map<KvBackend, Lease> byHandle = new IdentityHashMap<>();
    private final AtomicInteger transactions = new AtomicInteger();

    /** Grants a lease to each handle, which nothing may disturb yet. */
    LeasedWrites(Kit kit, List<KvBackend> handles) {
        this.kit = kit;
        handles.forEach(handle -> leases.add(granted(handle)));
    }

    private Lease granted(KvBackend handle) {
        // The answer that the round before was to lose, if no operation came to it in time, is the one to this.
        CompletableFuture<Lease> first = handle.grantLease(handle.limits().clamp(Kit.TTL));
        return kit.succeeded(first) ? kit.await(first) : kit.lease(handle);
    }

    /** The workload knows each handle by what has the same place among {@code used}. */
    void knownAs(List<KvBackend> used) {
        for (int i = 0; i < leases.size(); i++) {
            byHandle.put(used.get(i), leases.get(i));
        }
    }

    /** Every second transaction, with the handle's lease for all that it puts; the others as they are. Called by the threads of the workload. */
    Txn change(KvBackend handle, Txn txn) {
        Lease lease = byHandle.get(handle);
        if (lease == null || transactions.incrementAndGet() % EVERY == 0) {
            return txn;
        }
        Txn.Builder builder = Txn.builder();
        txn.conditions().forEach(builder::require);
        for (Write write : txn.writes()) {
            builder.write(write instanceof Write.Put put ? new Write.Put(put.key(), put.value(), lease) : write);
        }
        return builder.build();
    }

    /** Whether no lease has ended: otherwise entries may have gone, and nobody has recorded when. */
    boolean allHeld() {
        return leases.stream().allMatch(Lease::isHeld);
    }

    /** Ends the leases. */
    void revoke() {
        leases.forEach(lease -> kit.succeeded(lease.revoke()));
    }
}
