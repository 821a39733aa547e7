package dev.rollcall.micrometer;

import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/** What a handle has: watches, leases, a connection. Those that last are long task timers, which add up over handles with the same tags. */
final class HandleMeters {
    private final LongTaskTimer watches;
    private final Counter resyncs;
    private final WriteLag lag;
    private final LongTaskTimer leases;
    private final Counter leasesLost;
    private final LongTaskTimer connections;
    private final Counter connectionsLost;

    HandleMeters(MeterRegistry registry, Tags tags) {
        watches = LongTaskTimer.builder("rollcall.watches")
                .description("Watches that are active.")
                .tags(tags)
                .register(registry);
        resyncs = Counter.builder("rollcall.watch.resyncs")
                .description("Snapshots that took the place of changes, after a gap.")
                .tags(tags)
                .register(registry);
        lag = new WriteLag(
                Timer.builder("rollcall.watch.lag")
                        .description("From the acknowledgement of a write until a watch of the same handle brings it.")
                        .tags(tags)
                        .register(registry),
                registry.config().clock());
        leases = LongTaskTimer.builder("rollcall.leases")
                .description("Leases that are held.")
                .tags(tags)
                .register(registry);
        leasesLost = Counter.builder("rollcall.leases.lost")
                .description("Leases that ended otherwise than by being revoked.")
                .tags(tags)
                .register(registry);
        connections = LongTaskTimer.builder("rollcall.connections")
                .description("Handles that are connected.")
                .tags(tags)
                .register(registry);
        connectionsLost = Counter.builder("rollcall.connections.lost")
                .description("Connections that were lost.")
                .tags(tags)
                .register(registry);
    }

    LongTaskTimer.Sample watchStarted() {
        return watches.start();
    }

    void resynced() {
        resyncs.increment();
    }

    WriteLag lag() {
        return lag;
    }

    void granted(Lease lease) {
        LongTaskTimer.Sample held = leases.start();
        lease.ended().whenComplete((end, never) -> {
            // Whoever sees that there is one less sees also whether it was lost.
            if (end == LeaseEnd.LOST) {
                leasesLost.increment();
            }
            held.stop();
        });
    }

    /** Called one at a time. */
    ConnectionListener connection() {
        return new ConnectionListener() {
            private LongTaskTimer.@Nullable Sample connected;

            @Override
            public void onConnection(ConnectionStatus status) {
                LongTaskTimer.Sample before = connected;
                if (status.state() == ConnectionState.CONNECTED) {
                    connected = before == null ? connections.start() : before;
                } else if (before != null) {
                    if (status.state() == ConnectionState.DISCONNECTED) {
                        connectionsLost.increment();
                    }
                    before.stop();
                    connected = null;
                }
            }
        };
    }
}
