package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.WatchStart;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What other clients of the same ZooKeeper see of a store, and what a store sees of what they write. */
class NaturalLayoutTest {
    private static ZooKeeperServer server;
    private static ZooKeeper other;

    private final String root = "/natural" + System.nanoTime();
    private KvBackend handle;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = ZooKeeperServer.alone(false);
        CountDownLatch connected = new CountDownLatch(1);
        other = new ZooKeeper(server.address(), 30_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        other.close();
        server.close();
    }

    @BeforeEach
    void open() {
        handle = KvBackends.open("zookeeper://" + server.address() + root + "?timeout=30s");
    }

    @AfterEach
    void close() {
        handle.close();
    }

    private void write(String path, byte @Nullable [] data) throws KeeperException, InterruptedException {
        other.create(root + path, data, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    @Test
    void valueIsTheDataOfTheNodeAtTheKeysPathAndParentsHaveNone() throws KeeperException, InterruptedException {
        long revision = result(handle.put(Key.of("/a/b/k"), text("v"))).revision();
        assertThat(other.getData(root + "/a/b/k", false, null)).isEqualTo("v".getBytes(UTF_8));
        assertThat(other.exists(root + "/a/b/k", false).getMzxid()).isEqualTo(revision);
        assertThat(other.getData(root + "/a/b", false, null)).isNull();
        assertThat(other.getData(root + "/a", false, null)).isNull();
        assertThat(other.getChildren(root, false)).containsExactly("a");
    }

    @Test
    void parentsGoOnceTheyAreEmpty() {
        result(handle.put(Key.of("/a/b/k"), text("v")));
        result(handle.put(Key.of("/a/stays"), text("v")));
        result(handle.delete(Key.of("/a/b/k")));
        await().atMost(Duration.ofSeconds(60)).until(() -> other.exists(root + "/a/b", false) == null);
        result(handle.delete(Key.of("/a/stays")));
        await().atMost(Duration.ofSeconds(60)).until(() -> other.exists(root + "/a", false) == null);
    }

    @Test
    void keyAboveOthersIsEmptiedAndNotTakenAwayWithThem() throws KeeperException, InterruptedException {
        result(handle.put(Key.of("/a"), text("above")));
        result(handle.put(Key.of("/a/k"), text("v")));
        result(handle.delete(Key.of("/a")));
        assertThat(other.getData(root + "/a", false, null)).isNull();
        assertThat(result(handle.get(Key.of("/a"))).isPresent()).isFalse();
        assertThat(result(handle.get(Key.of("/a/k"))).isPresent()).isTrue();
    }

    @Test
    void whatAnotherClientWritesIsReadListedAndWatched() throws KeeperException, InterruptedException {
        result(handle.put(Key.of("/mine"), text("v")));
        Collector collector = new Collector();
        handle.watch(Directory.ROOT, WatchStart.snapshot(), collector);
        write("/theirs", "w".getBytes(UTF_8));
        write("/directory", Znode.NO_VALUE);
        write("/directory/empty", new byte[0]);
        long revision = other.exists(root + "/theirs", false).getMzxid();
        assertThat(result(handle.get(Key.of("/theirs"))).entry().orElseThrow().revision())
                .isEqualTo(revision);
        assertThat(result(handle.get(Key.of("/directory"))).isPresent()).isFalse();
        Set<Key> keys = Set.of(Key.of("/mine"), Key.of("/theirs"), Key.of("/directory/empty"));
        assertThat(result(handle.list(Directory.ROOT)).entries())
                .hasSize(3)
                .allMatch(entry -> keys.contains(entry.key()));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> collector.held().keySet().equals(keys));
        other.delete(root + "/theirs", -1);
        await().atMost(Duration.ofSeconds(60)).until(() -> collector.held().size() == 2);
        assertThat(result(handle.update(Key.of("/directory/empty"), text("filled")))
                        .revision())
                .isGreaterThan(revision);
        assertThat(other.getData(root + "/directory/empty", false, null)).isEqualTo("filled".getBytes(UTF_8));
        assertThat(collector.faults()).isEmpty();
    }

    @Test
    void ownNodesAreBesideTheRootAndOutOfSight() throws KeeperException, InterruptedException {
        result(handle.put(Key.of("/k"), text("v")));
        assertThat(other.exists(root + ".rollcall", false)).isNotNull();
        assertThat(other.getChildren(root, false)).containsExactly("k");
        assertThat(result(handle.list(Directory.ROOT)).entries()).hasSize(1);
    }
}
