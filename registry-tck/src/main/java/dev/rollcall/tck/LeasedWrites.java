package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets some of what a workload puts live on a lease, which its clients and its judges need not know: a put with a lease is a put. As long as the leases are
 * held, nothing goes that nobody has deleted.
 */
final class LeasedWrites {
    private static final int EVERY = 2;

    private final Kit kit;
    private final List<KvBackend> handles;
    private final List<Lease> leases = new ArrayList<>();

    LeasedWrites(Kit kit, List<KvBackend> handles) {
        this.kit = kit;
        this.handles = handles;
    }

    /** The handles, each with a new lease on which every second of its transactions puts what it puts. */
    List<KvBackend> handles() {
        leases.clear();
        List<KvBackend> leasing = new ArrayList<>();
        for (KvBackend handle : handles) {
            Lease lease = kit.lease(handle);
            leases.add(lease);
            AtomicInteger commits = new AtomicInteger();
            leasing.add((KvBackend) Proxy.newProxyInstance(
                    KvBackend.class.getClassLoader(),
                    new Class<?>[] {KvBackend.class},
                    (proxy, method, arguments) -> call(handle, lease, commits, method, arguments)));
        }
        return leasing;
    }

    /** Whether no lease has ended: otherwise entries may have gone, and a history does not tell when. */
    boolean allHeld() {
        return leases.stream().allMatch(Lease::isHeld);
    }

    /** Ends the leases. */
    void revoke() {
        leases.forEach(lease -> kit.succeeded(lease.revoke()));
    }

    private static @Nullable Object call(
            KvBackend handle, Lease lease, AtomicInteger commits, Method method, Object[] arguments) throws Throwable {
        Object[] given = arguments;
        if (method.getName().equals("commit") && commits.incrementAndGet() % EVERY == 0) {
            given = new Object[] {leased((Txn) arguments[0], lease)};
        }
        try {
            return method.invoke(handle, given);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static Txn leased(Txn txn, Lease lease) {
        Txn.Builder builder = Txn.builder();
        txn.conditions().forEach(builder::require);
        txn.writes()
                .forEach(write -> builder.write(
                        write instanceof Write.Put put ? new Write.Put(put.key(), put.value(), lease) : write));
        return builder.build();
    }
}
