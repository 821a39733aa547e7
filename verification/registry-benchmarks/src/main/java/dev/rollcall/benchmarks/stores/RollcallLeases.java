package dev.rollcall.benchmarks.stores;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Leases of ours. */
final class RollcallLeases implements ContenderLeases {
    private final KvBackend backend;
    private final Queue<Lease> held = new ConcurrentLinkedQueue<>();

    RollcallLeases(KvBackend backend) {
        this.backend = backend;
    }

    @Override
    public String name() {
        return "rollcall";
    }

    @Override
    public void grant(int count) throws Exception {
        BenchmarkLoad.run(
                count,
                64,
                i -> backend.grantLease(Duration.ofSeconds(TTL_SECONDS)).thenAccept(held::add));
    }

    @Override
    public void release() throws Exception {
        BenchmarkLoad.run(held.size(), 64, i -> held.remove().revoke());
    }
}
