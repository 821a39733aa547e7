package dev.rollcall.curator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.zookeeper.ZooKeeperStores;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.ensemble.fixed.FixedEnsembleProvider;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.DefaultACLProvider;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Curator's own client and a store by the same builder, in one tree of one real ZooKeeper. */
class BesideCuratorTest {
    private static final Key KEY = Key.of("/a/k");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Directory A = Directory.of("/a");
    private static final Directory APP = Directory.of("/app");
    private static final AtomicInteger TREES = new AtomicInteger();

    private static String address;

    private CuratorFramework curator;
    private KvBackend store;

    @BeforeAll
    static void findServer() {
        address = URI.create(ZooKeeperStores.newUrl()).getAuthority();
    }

    private static CuratorFrameworkFactory.Builder builder() {
        return CuratorFrameworkFactory.builder()
                .connectString(address)
                .namespace("beside-" + TREES.incrementAndGet())
                .retryPolicy(new RetryOneTime(100));
    }

    @BeforeEach
    void open() {
        CuratorFrameworkFactory.Builder builder = builder();
        curator = builder.build();
        curator.start();
        store = CuratorStores.open(builder, APP, TIMEOUT);
    }

    @AfterEach
    void close() {
        store.close();
        curator.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static <T> T ours(CompletableFuture<T> future) throws InterruptedException {
        return Futures.await(future);
    }

    private KeyValue read(String key) throws InterruptedException {
        return ours(store.get(Key.of(key))).entry().orElseThrow();
    }

    private void create(String path, String value) throws Exception {
        curator.create().creatingParentsIfNeeded().forPath(path, bytes(value));
    }

    @Test
    void eachReadsWhatTheOtherWrites() throws Exception {
        long revision = ours(store.put(KEY, Bytes.ofUtf8("ours"))).revision();
        Stat stat = new Stat();
        assertThat(curator.getData().storingStatIn(stat).forPath("/app/a/k")).isEqualTo(bytes("ours"));
        assertThat(stat.getMzxid()).isEqualTo(revision);

        long next = curator.setData().forPath("/app/a/k", bytes("theirs")).getMzxid();
        assertThat(read("/a/k")).isEqualTo(new KeyValue(KEY, Bytes.ofUtf8("theirs"), next, false));

        curator.delete().forPath("/app/a/k");
        assertThat(ours(store.get(KEY)).isPresent()).isFalse();
    }

    @Test
    void conditionsSeeTheOthersWrites() throws Exception {
        long known = ours(store.put(KEY, Bytes.ofUtf8("1"))).revision();
        Stat theirs = curator.setData().forPath("/app/a/k", bytes("2"));
        assertThatThrownBy(() -> ours(store.update(KEY, Bytes.ofUtf8("3"), known)))
                .isInstanceOf(RevisionMismatchException.class);
        ours(store.update(KEY, Bytes.ofUtf8("3"), theirs.getMzxid()));
        assertThatThrownBy(
                        () -> curator.setData().withVersion(theirs.getVersion()).forPath("/app/a/k", bytes("4")))
                .isInstanceOf(KeeperException.BadVersionException.class);
        assertThat(read("/a/k").value()).isEqualTo(Bytes.ofUtf8("3"));
    }

    @Test
    void parentsAndContainersOfTheirsAreEmptyEntriesThatTakeKeysBelow() throws Exception {
        curator.create().creatingParentContainersIfNeeded().forPath("/app/c/d/k", bytes("v"));
        ours(store.put(Key.of("/c/d/l"), Bytes.ofUtf8("w")));
        assertThat(ours(store.list(Directory.ROOT)).entries())
                .extracting(KeyValue::key)
                .containsExactly(Key.of("/c"), Key.of("/c/d"), Key.of("/c/d/k"), Key.of("/c/d/l"));
        assertThat(read("/c/d").value()).isEqualTo(Bytes.EMPTY);
        ours(store.delete(Key.of("/c/d/l")));
        curator.delete().forPath("/app/c/d/k");
        ours(store.put(Key.of("/c"), Bytes.ofUtf8("a value")));
        assertThat(curator.getData().forPath("/app/c")).isEqualTo(bytes("a value"));
    }

    @Test
    void sequentialNodesAreKeysWithTheirNumber() throws Exception {
        String path = curator.create()
                .creatingParentsIfNeeded()
                .withMode(CreateMode.PERSISTENT_SEQUENTIAL)
                .forPath("/app/jobs/job-", bytes("v"));
        assertThat(read(path.substring("/app".length())).value()).isEqualTo(Bytes.ofUtf8("v"));
    }

    @Test
    void nodesWithoutDataAreNoEntriesAndThoseWithDefaultDataAre() throws Exception {
        curator.create().creatingParentsIfNeeded().forPath("/app/none", null);
        curator.create().forPath("/app/default");
        assertThat(ours(store.get(Key.of("/none"))).isPresent()).isFalse();
        assertThat(read("/default").value().size()).isPositive();
        ours(store.create(Key.of("/none"), Bytes.EMPTY));
        assertThat(curator.getData().forPath("/app/none")).isEmpty();
    }

    @Test
    void aTransactionOfTheirsIsOneCutOfOurWatch() throws Exception {
        create("/app/a/old", "x");
        Observed watch = new Observed();
        store.watch(A, WatchStart.snapshot(), watch);
        watch.next();
        curator.transaction()
                .forOperations(
                        curator.transactionOp().create().forPath("/app/a/new", bytes("y")),
                        curator.transactionOp().delete().forPath("/app/a/old"));
        Changes changes = (Changes) watch.next();
        assertThat(changes.changes())
                .extracting(change -> change.getClass().getSimpleName() + " " + change.key())
                .containsExactly("Put /a/new", "Delete /a/old");
    }

    @Test
    void theirWatchSeesOurWrites() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        create("/app/a/first", "x");
        Watcher watcher = event -> seen.add(event.getType() + " " + event.getPath());
        curator.watchers()
                .add()
                .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
                .usingWatcher(watcher)
                .forPath("/app/a");
        ours(store.put(KEY, Bytes.ofUtf8("v")));
        ours(store.put(KEY, Bytes.ofUtf8("w")));
        ours(store.delete(KEY));
        assertThat(List.of(next(seen), next(seen), next(seen)))
                .containsExactly("NodeCreated /app/a/k", "NodeDataChanged /app/a/k", "NodeDeleted /app/a/k");
    }

    @Test
    void theirCacheShowsOurWrites() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (CuratorCache cache = CuratorCache.build(curator, "/app/a")) {
            cache.listenable()
                    .addListener(CuratorCacheListener.builder()
                            .forAll((type, before, after) -> seen.add(type + " "
                                    + Objects.requireNonNull(after == null ? before : after)
                                            .getPath()))
                            .build());
            cache.start();
            Lease lease = ours(store.grantLease(TTL));
            ours(store.put(KEY, Bytes.ofUtf8("v"), lease));
            assertThat(List.of(next(seen), next(seen)))
                    .containsExactlyInAnyOrder("NODE_CREATED /app/a", "NODE_CREATED /app/a/k");
            ours(lease.revoke());
            assertThat(next(seen)).isEqualTo("NODE_DELETED /app/a/k");
        }
    }

    private static String next(BlockingQueue<String> seen) throws InterruptedException {
        return Objects.requireNonNull(seen.poll(60, TimeUnit.SECONDS), "Nothing was seen.");
    }

    @Test
    void theirEphemeralNodesAreLeasedAndGoWithTheirSession() throws Exception {
        CuratorFramework other = CuratorFrameworkFactory.builder()
                .connectString(address)
                .namespace(curator.getNamespace())
                .retryPolicy(new RetryOneTime(100))
                .build();
        other.start();
        other.create().creatingParentsIfNeeded().withMode(CreateMode.EPHEMERAL).forPath("/app/a/k", bytes("v"));
        assertThat(read("/a/k").leased()).isTrue();
        Observed watch = new Observed();
        store.watch(A, WatchStart.snapshot(), watch);
        watch.next();
        other.close();
        assertThat(((Changes) watch.next()).changes()).singleElement().isInstanceOf(Change.Delete.class);
    }

    @Test
    void ourLeasedEntriesGoForThemToo() throws Exception {
        Lease lease = ours(store.grantLease(TTL));
        ours(store.put(KEY, Bytes.ofUtf8("v"), lease));
        Stat stat = curator.setData().forPath("/app/a/k", bytes("theirs"));
        assertThat(stat.getEphemeralOwner()).isNotZero();
        assertThat(read("/a/k")).isEqualTo(new KeyValue(KEY, Bytes.ofUtf8("theirs"), stat.getMzxid(), true));
        ours(lease.revoke());
        assertThat(curator.checkExists().forPath("/app/a/k")).isNull();
    }

    /** Their deletion ends an entry, and not its lease: what they create there outlives it. */
    @Test
    void whatTheyPutInTheirOwnNameStaysWhenOurLeaseEnds() throws Exception {
        Lease lease = ours(store.grantLease(TTL));
        ours(store.put(KEY, Bytes.ofUtf8("v"), lease));
        Observed watch = new Observed();
        store.watch(A, WatchStart.snapshot(), watch);
        watch.next();
        curator.delete().forPath("/app/a/k");
        assertThat(((Changes) watch.next()).changes()).singleElement().isInstanceOf(Change.Delete.class);
        assertThat(lease.isHeld()).isTrue();
        // The directory may have been removed meanwhile, since it was empty.
        create("/app/a/k", "theirs");
        ours(lease.revoke());
        assertThat(read("/a/k").value()).isEqualTo(Bytes.ofUtf8("theirs"));
    }

    @Test
    void aValueThatTheyCompressIsReadAsItIs() throws Exception {
        curator.create().compressed().creatingParentsIfNeeded().forPath("/app/a/k", bytes("v"));
        assertThat(read("/a/k").value())
                .isEqualTo(Bytes.copyOf(curator.getData().forPath("/app/a/k")))
                .isNotEqualTo(Bytes.ofUtf8("v"));
    }

    @Test
    void aTreeThatTheyRemoveIsMadeAnew() throws Exception {
        ours(store.put(KEY, Bytes.ofUtf8("v")));
        Observed watch = new Observed();
        store.watch(A, WatchStart.snapshot(), watch);
        watch.next();
        curator.delete().deletingChildrenIfNeeded().forPath("/app");
        assertThat(((Changes) watch.next()).changes()).singleElement().isInstanceOf(Change.Delete.class);
        ours(store.put(KEY, Bytes.ofUtf8("w")));
        assertThat(curator.getData().forPath("/app/a/k")).isEqualTo(bytes("w"));
        assertThat(((Changes) watch.next()).changes()).singleElement().isInstanceOf(Change.Put.class);
    }

    @Test
    void theirLockPassesOnWhenWeRemoveItsHolder() throws Exception {
        InterProcessMutex theirs = new InterProcessMutex(curator, "/app/locks/y");
        theirs.acquire();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(
                () -> acquire(new InterProcessMutex(curator, "/app/locks/y")),
                task -> new Thread(task, "waits").start());
        Directory queue = Directory.of("/locks/y");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> ours(store.list(queue)).entries().size() == 2);
        assertThat(waiting).isNotDone();
        KeyValue holder = ours(store.list(queue)).entries().stream()
                .min(Comparator.comparing(entry -> entry.key().path().replaceAll(".*-", "")))
                .orElseThrow();
        assertThat(holder.leased()).isTrue();
        ours(store.delete(holder.key(), holder.revision()));
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
    }

    /** As long as its thread lives, or its session; here it is never released. */
    private static boolean acquire(InterProcessMutex lock) {
        try {
            return lock.acquire(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            // Curator declares every exception there is.
            throw new IllegalStateException(e);
        }
    }

    /** The two do not know each other: see the page about migrating. */
    @Test
    void ourLockAndTheirsOfOneNameDoNotExcludeEachOther() throws Exception {
        InterProcessMutex theirs = new InterProcessMutex(curator, "/app/locks/x");
        theirs.acquire();
        Directory name = Directory.of("/locks/x");
        assertThat(ours(store.list(name)).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.leased()).isTrue());
        try (DistributedLock lock = DistributedLock.open(store, name);
                LockHold hold = lock.tryLock().orElseThrow()) {
            assertThat(hold.isHeld()).isTrue();
            assertThat(theirs.isAcquiredInThisProcess()).isTrue();
            theirs.release();
            assertThat(theirs.acquire(60, TimeUnit.SECONDS)).isTrue();
        }
        theirs.release();
    }

    /** How both are kept apart while some processes have only the old one: theirs is taken first by everybody. */
    @Test
    void whoTakesTheirLockFirstIsAlone() throws Exception {
        InterProcessMutex old = new InterProcessMutex(curator, "/app/locks/z");
        old.acquire();
        CompletableFuture<Boolean> both = CompletableFuture.supplyAsync(
                () -> {
                    InterProcessMutex outer = new InterProcessMutex(curator, "/app/locks/z");
                    try (DistributedLock lock = DistributedLock.open(store, Directory.of("/turns/z"))) {
                        return acquire(outer) && lock.tryLock().orElseThrow().isHeld();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task, "takes-both").start());
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        ours(store.list(Directory.of("/locks/z"))).entries().size() == 2);
        assertThat(both).isNotDone();
        old.release();
        assertThat(both.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void permissionsAreThoseOfTheProviderForEachPath() throws Exception {
        ACLProvider provider = new ACLProvider() {
            @Override
            public List<ACL> getDefaultAcl() {
                return Ids.OPEN_ACL_UNSAFE;
            }

            @Override
            public List<ACL> getAclForPath(String path) {
                return path.contains("/secret") ? Ids.CREATOR_ALL_ACL : Ids.OPEN_ACL_UNSAFE;
            }
        };
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(address)
                .namespace(curator.getNamespace())
                .retryPolicy(new RetryOneTime(100))
                .authorization("digest", bytes("app:s3cret"))
                .aclProvider(provider);
        try (CuratorFramework known = builder.build();
                KvBackend own = CuratorStores.open(builder, APP, TIMEOUT)) {
            known.start();
            ours(own.put(Key.of("/public/k"), Bytes.ofUtf8("v")));
            ours(own.put(Key.of("/secret/k"), Bytes.ofUtf8("v")));
            assertThat(curator.getACL().forPath("/app/public/k")).isEqualTo(Ids.OPEN_ACL_UNSAFE);
            Lease lease = ours(own.grantLease(TTL));
            ours(own.put(Key.of("/secret/leased"), Bytes.EMPTY, lease));
            assertThat(known.getACL().forPath("/app/secret/leased"))
                    .singleElement()
                    .satisfies(acl -> assertThat(acl.getId().getScheme()).isEqualTo("digest"));
            assertThat(known.getACL().forPath("/app/secret"))
                    .singleElement()
                    .satisfies(acl -> assertThat(acl.getId().getScheme()).isEqualTo("digest"));
            assertThat(known.getData().forPath("/app/secret/k")).isEqualTo(bytes("v"));
            assertThatThrownBy(() -> curator.getData().forPath("/app/secret/k"))
                    .isInstanceOf(KeeperException.NoAuthException.class);
            assertThatThrownBy(() -> ours(store.get(Key.of("/secret/k")))).isInstanceOf(AccessDeniedException.class);
            assertThat(ours(store.get(Key.of("/public/k"))).isPresent()).isTrue();
        }
    }

    @Test
    void aProviderThatFailsFailsTheWriteAlone() throws Exception {
        ACLProvider failing = new DefaultACLProvider() {
            @Override
            public List<ACL> getAclForPath(String path) {
                if (path.endsWith("/bad")) {
                    throw new IllegalStateException("no rule for it");
                }
                return super.getAclForPath(path);
            }
        };
        try (KvBackend own = CuratorStores.open(builder().aclProvider(failing), APP, TIMEOUT)) {
            assertThatThrownBy(() -> ours(own.put(Key.of("/bad"), Bytes.EMPTY)))
                    .isInstanceOf(KvException.class)
                    .hasMessageContaining("no rule for it")
                    .satisfies(refused ->
                            assertThat(((KvException) refused).outcome()).isEqualTo(Outcome.NOT_APPLIED));
            ours(own.put(Key.of("/good"), Bytes.EMPTY));
        }
    }

    @Test
    void changedEnsembleIsFollowed() throws Exception {
        FixedEnsembleProvider provider = new FixedEnsembleProvider("127.0.0.1:" + FreePorts.find());
        try (KvBackend own = CuratorStores.open(builder().ensembleProvider(provider), APP, TIMEOUT)) {
            CompletableFuture<?> waiting = own.get(KEY);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> own.connection().lastFailure() != null);
            provider.setConnectionString(address);
            ours(waiting);
        }
    }

    @Test
    void aPathBehindTheAddressesStandsBeforeTheNamespace() throws Exception {
        curator.create().creatingParentsIfNeeded().forPath("/chroot", null);
        String chroot = "/" + curator.getNamespace() + "/chroot";
        CuratorFrameworkFactory.Builder below =
                builder().connectString(address + chroot).namespace("inner");
        try (CuratorFramework client = below.build();
                KvBackend own = CuratorStores.open(below, APP, TIMEOUT)) {
            client.start();
            ours(own.put(KEY, Bytes.ofUtf8("v")));
            assertThat(client.getData().forPath("/app/a/k")).isEqualTo(bytes("v"));
            assertThat(curator.getData().forPath("/chroot/inner/app/a/k")).isEqualTo(bytes("v"));
        }
    }

    @Test
    void runningClientTellsEnsembleAndNamespace() throws Exception {
        curator.blockUntilConnected();
        try (KvBackend own = CuratorStores.open(curator, APP, TIMEOUT, List.of(), new DefaultACLProvider())) {
            ours(own.put(KEY, Bytes.ofUtf8("v")));
            assertThat(curator.getData().forPath("/app/a/k")).isEqualTo(bytes("v"));
        }
    }
}
