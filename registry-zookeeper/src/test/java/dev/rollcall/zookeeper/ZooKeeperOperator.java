package dev.rollcall.zookeeper;

import static org.apache.zookeeper.Watcher.Event.KeeperState.SyncConnected;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZKUtil;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;

/** Somebody with zkCli: what {@code deleteall} and {@code setAcl -R} do, again and again until it is done, while others go on. */
final class ZooKeeperOperator {
    private static final int SESSION_MILLIS = 30_000;
    private static final int CONNECT_SECONDS = 60;
    /** As in zkCli. */
    private static final int BATCH = 1_000;

    private static final int MOST_ATTEMPTS = 100;
    private static final int MOST_DELETIONS = 20;

    private final String addresses;

    /** Somebody who connects to one of these members. */
    ZooKeeperOperator(String addresses) {
        this.addresses = addresses;
    }

    private interface Work {
        /** Whether it is done, and need not be tried again. */
        boolean once(ZooKeeper client) throws KeeperException, InterruptedException;
    }

    /**
     * Removes a node and all that is below it, node by node; nothing happens if there is none. Nodes that others create meanwhile, and the way to them, are
     * removed by the next attempt; in the end what is left is new.
     */
    void deleteAll(String path) {
        with(client -> {
            for (int i = 0; i < MOST_DELETIONS && client.exists(path, false) != null; i++) {
                try {
                    ZKUtil.deleteRecursive(client, path, BATCH);
                } catch (KeeperException.NoNodeException e) {
                    // It went while its children were to be listed.
                    continue;
                }
            }
            return true;
        });
    }

    /** Removes the children of a node whose names begin so, and have no children. */
    void deleteChildren(String path, String prefix) {
        with(client -> {
            if (client.exists(path, false) == null) {
                return true;
            }
            for (String name : client.getChildren(path, false)) {
                if (name.startsWith(prefix)) {
                    client.delete(path + "/" + name, -1);
                }
            }
            return true;
        });
    }

    /** Gives a node, and all that is below it at some moment, another access list; nothing happens if there is none. */
    void setAcl(String path, List<ACL> entries) {
        with(client -> {
            if (client.exists(path, false) == null) {
                return true;
            }
            List<String> paths = new ArrayList<>();
            ZKUtil.visitSubTreeDFS(client, path, false, (rc, found, context, name) -> paths.add(found));
            for (String each : paths) {
                try {
                    // The client asks whether null is in it, which an immutable list does not bear.
                    client.setACL(each, new ArrayList<>(entries), -1);
                } catch (KeeperException.NoNodeException e) {
                    // Gone meanwhile.
                    continue;
                }
            }
            return true;
        });
    }

    /** The access list of a node. */
    List<ACL> acl(String path) {
        List<ACL> entries = new ArrayList<>();
        with(client -> entries.addAll(client.getACL(path, null)));
        return entries;
    }

    private void with(Work work) {
        CountDownLatch connected = new CountDownLatch(1);
        try (ZooKeeper client = new ZooKeeper(addresses, SESSION_MILLIS, event -> {
            if (event.getState() == SyncConnected) {
                connected.countDown();
            }
        })) {
            if (!connected.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The operator has found no server at " + addresses + ".");
            }
            repeat(client, work);
        } catch (IOException e) {
            throw new IllegalStateException("The operator's client could not be started.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void repeat(ZooKeeper client, Work work) throws InterruptedException {
        KeeperException last = null;
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            try {
                if (work.once(client)) {
                    return;
                }
            } catch (KeeperException e) {
                // Nodes come and go, and so do connections.
                last = e;
            }
        }
        throw new IllegalStateException("The operator did not get done in " + MOST_ATTEMPTS + " attempts.", last);
    }
}
