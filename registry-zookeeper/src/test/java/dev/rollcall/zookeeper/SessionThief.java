package dev.rollcall.zookeeper;

import dev.rollcall.kv.Lease;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** Ends somebody else's session: the servers derive a session's password from its id and a constant. */
final class SessionThief {
    private static final long SECRET = 0xB3415C00L;

    private SessionThief() {}

    /** Ends the session of a lease, and with it the other leases that share it. Returns when its ephemerals are gone. */
    static void end(String address, Lease lease) {
        String id = lease.id();
        end(address, Long.parseUnsignedLong(id.substring(0, id.indexOf('-')), 16));
    }

    /** Returns when the session and its ephemerals are gone. */
    static void end(String address, long session) {
        byte[] password = new byte[16];
        new Random(session ^ SECRET).nextBytes(password);
        CountDownLatch connected = new CountDownLatch(1);
        try (ZooKeeper thief = new ZooKeeper(
                address,
                4_000,
                event -> {
                    if (event.getState() == KeeperState.SyncConnected || event.getState() == KeeperState.Expired) {
                        connected.countDown();
                    }
                },
                session,
                password)) {
            if (!connected.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The session could not be taken over.");
            }
        } catch (IOException e) {
            throw new IllegalStateException("The session could not be taken over.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
