package dev.rollcall.zookeeper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetChildrenResult;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;

/** Removes the nodes of a store that no test uses any more, as far as that is possible: some may go by themselves meanwhile. */
final class Leftovers {
    private static final int PIECE = 200;
    private static final int MOST_ATTEMPTS = 20;

    private Leftovers() {}

    /** Removes a node and all below it, its sibling for the backend's own nodes excepted. */
    static void remove(String address, String root) {
        with(address, client -> remove(client, List.of(root)));
    }

    /** Removes the children of a node that have such names. */
    static void removeChildren(String address, String parent, Predicate<String> names) {
        with(address, client -> {
            for (OpResult result : send(client, List.of(Op.getChildren(parent)))) {
                if (result instanceof GetChildrenResult children) {
                    for (String name : children.getChildren()) {
                        if (names.test(name)) {
                            send(client, List.of(Op.delete(parent + "/" + name, -1)));
                        }
                    }
                }
            }
        });
    }

    /** Gives a node another access list. */
    static void permit(String address, String path, List<ACL> entries) {
        permit(address, List.of(path), entries);
    }

    /** Gives nodes another access list. */
    static void permit(String address, List<String> paths, List<ACL> entries) {
        permit(address, ":", paths, entries);
    }

    /** Gives nodes another access list, as a user. */
    static void permit(String address, String user, List<String> paths, List<ACL> entries) {
        with(address, client -> {
            try {
                client.addAuthInfo("digest", user.getBytes(StandardCharsets.UTF_8));
                for (String path : paths) {
                    // The client asks whether null is in it, which an immutable list does not bear.
                    client.setACL(path, new ArrayList<>(entries), -1);
                }
            } catch (KeeperException e) {
                throw new IllegalStateException("The access list could not be set.", e);
            }
        });
    }

    /** Makes nodes without data, as other clients do. */
    static void make(String address, String... paths) {
        with(address, client -> {
            for (String path : paths) {
                send(client, List.of(Op.create(path, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)));
            }
        });
    }

    /** The names below a node; none if there is no such node. */
    static List<String> children(String address, String parent) {
        List<String> names = new ArrayList<>();
        with(address, client -> {
            for (OpResult result : send(client, List.of(Op.getChildren(parent)))) {
                if (result instanceof GetChildrenResult children) {
                    names.addAll(children.getChildren());
                }
            }
        });
        return names;
    }

    private interface Work {
        void on(ZooKeeper client) throws InterruptedException;
    }

    private static void with(String address, Work work) {
        CountDownLatch connected = new CountDownLatch(1);
        try (ZooKeeper client = new ZooKeeper(address, 30_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        })) {
            if (!connected.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The client has found no server at " + address + ".");
            }
            work.on(client);
        } catch (IOException e) {
            throw new IllegalStateException("The client could not be started.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(ZooKeeper client, List<String> roots) throws InterruptedException {
        List<String> found = new ArrayList<>(roots);
        for (int from = 0; from < found.size(); from += PIECE) {
            List<String> piece = List.copyOf(found.subList(from, Math.min(found.size(), from + PIECE)));
            List<OpResult> results =
                    send(client, piece.stream().map(Op::getChildren).toList());
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof GetChildrenResult children) {
                    String stem = piece.get(i) + "/";
                    children.getChildren().forEach(name -> found.add(stem + name));
                }
            }
        }
        Collections.reverse(found);
        for (int from = 0; from < found.size(); from += PIECE) {
            List<String> piece = found.subList(from, Math.min(found.size(), from + PIECE));
            send(client, piece.stream().map(path -> Op.delete(path, -1)).toList());
        }
    }

    private static List<OpResult> send(ZooKeeper client, List<Op> ops) throws InterruptedException {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            try {
                return client.multi(ops);
            } catch (KeeperException.ConnectionLossException e) {
                // It may have been done or not, and does no harm when it is done again.
                continue;
            } catch (KeeperException e) {
                // Something changed meanwhile: then this much is left over.
                return List.of();
            }
        }
        throw new IllegalStateException("The server breaks each connection.");
    }
}
