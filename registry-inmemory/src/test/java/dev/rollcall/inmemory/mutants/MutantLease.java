package dev.rollcall.inmemory.mutants;

import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A lease that does what another does. */
class MutantLease implements Lease {
    final Lease lease;

    MutantLease(Lease lease) {
        this.lease = lease;
    }

    @Override
    public String id() {
        return lease.id();
    }

    @Override
    public Duration ttl() {
        return lease.ttl();
    }

    @Override
    public boolean isHeld() {
        return lease.isHeld();
    }

    @Override
    public CompletionStage<LeaseEnd> ended() {
        return lease.ended();
    }

    @Override
    public CompletableFuture<Void> revoke() {
        return lease.revoke();
    }

    @Override
    public void close() {
        revoke();
    }
}
