package dev.rollcall.jetcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.Leader;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** jetcd's own client and a store by the same builder, in one tree of one real etcd. */
class BesideJetcdTest {
    private static final Key KEY = Key.of("/a/k");
    private static final Directory A = Directory.of("/a");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final CoordinationOptions PATIENT =
            CoordinationOptions.defaults().withTtl(TTL).withCloseTimeout(TTL);

    private static ClientBuilder builder;
    private static Client jetcd;

    private KvBackend store;

    @BeforeAll
    static void openClient() {
        String endpoint = "http://" + URI.create(EtcdStores.newUrl()).getAuthority();
        builder = Client.builder().endpoints(endpoint).namespace(bytes("/beside"));
        jetcd = builder.build();
    }

    @AfterAll
    static void closeClient() {
        jetcd.close();
    }

    @BeforeEach
    void open() {
        store = JetcdStores.open(builder, Directory.ROOT, TIMEOUT);
    }

    @AfterEach
    void close() throws Exception {
        store.close();
        result(jetcd.getKVClient()
                .delete(
                        ByteSequence.EMPTY,
                        DeleteOption.builder().isPrefix(true).build()));
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T result(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static <T> T ours(CompletableFuture<T> future) throws InterruptedException {
        return Futures.await(future);
    }

    private KeyValue read(Key key) throws InterruptedException {
        return ours(store.get(key)).entry().orElseThrow();
    }

    @Test
    void eachReadsWhatTheOtherWrites() throws Exception {
        long revision = ours(store.put(KEY, Bytes.ofUtf8("ours"))).revision();
        io.etcd.jetcd.KeyValue seen =
                result(jetcd.getKVClient().get(bytes("/a/k"))).getKvs().get(0);
        assertThat(seen.getValue()).isEqualTo(bytes("ours"));
        assertThat(seen.getModRevision()).isEqualTo(revision);

        long next = result(jetcd.getKVClient().put(bytes("/a/k"), bytes("theirs")))
                .getHeader()
                .getRevision();
        assertThat(read(KEY)).isEqualTo(new KeyValue(KEY, Bytes.ofUtf8("theirs"), next, false));

        result(jetcd.getKVClient()
                .delete(bytes("/a/"), DeleteOption.builder().isPrefix(true).build()));
        assertThat(ours(store.get(KEY)).isPresent()).isFalse();
    }

    @Test
    void conditionsSeeTheOthersWrites() throws Exception {
        long known = ours(store.put(KEY, Bytes.ofUtf8("1"))).revision();
        long theirs = result(jetcd.getKVClient().put(bytes("/a/k"), bytes("2")))
                .getHeader()
                .getRevision();
        assertThatThrownBy(() -> ours(store.update(KEY, Bytes.ofUtf8("3"), known)))
                .isInstanceOf(RevisionMismatchException.class)
                .hasMessageContaining("is at revision " + theirs);

        ours(store.update(KEY, Bytes.ofUtf8("3"), theirs));
        TxnResponse late = result(jetcd.getKVClient()
                .txn()
                .If(new Cmp(bytes("/a/k"), Cmp.Op.EQUAL, CmpTarget.modRevision(theirs)))
                .Then(Op.put(bytes("/a/k"), bytes("4"), PutOption.DEFAULT))
                .commit());
        assertThat(late.isSucceeded()).isFalse();
        assertThat(read(KEY).value()).isEqualTo(Bytes.ofUtf8("3"));
    }

    @Test
    void aTransactionOfTheirsIsOneCutOfOurWatch() throws Exception {
        result(jetcd.getKVClient().put(bytes("/a/old"), bytes("x")));
        Observed watch = new Observed();
        store.watch(A, WatchStart.snapshot(), watch);
        assertThat(((Snapshot) watch.next()).entries())
                .extracting(KeyValue::key)
                .containsExactly(Key.of("/a/old"));

        long revision = result(jetcd.getKVClient()
                        .txn()
                        .Then(
                                Op.put(bytes("/a/new"), bytes("y"), PutOption.DEFAULT),
                                Op.delete(bytes("/a/old"), DeleteOption.DEFAULT))
                        .commit())
                .getHeader()
                .getRevision();
        assertThat(watch.next())
                .isEqualTo(new Changes(
                        A,
                        List.of(
                                new Change.Put(new KeyValue(Key.of("/a/new"), Bytes.ofUtf8("y"), revision, false)),
                                new Change.Delete(Key.of("/a/old"), revision)),
                        revision));
    }

    @Test
    void theirWatchSeesOurTransaction() throws Exception {
        BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
        long from = ours(store.put(KEY, Bytes.ofUtf8("before"))).revision() + 1;
        WatchOption below =
                WatchOption.builder().isPrefix(true).withRevision(from).build();
        try (Watch.Watcher ignored =
                jetcd.getWatchClient().watch(bytes("/a/"), below, response -> events.addAll(response.getEvents()))) {
            ours(store.commit(Txn.builder()
                    .put(Key.of("/a/new"), Bytes.ofUtf8("v"))
                    .delete(KEY)
                    .build()));
            List<WatchEvent> two = List.of(events.poll(60, TimeUnit.SECONDS), events.poll(60, TimeUnit.SECONDS));
            assertThat(two)
                    .extracting(event ->
                            event.getEventType() + " " + event.getKeyValue().getKey())
                    .containsExactlyInAnyOrder("PUT /a/new", "DELETE /a/k");
        }
    }

    @Test
    void anEntryOfTheirLeaseIsLeasedAndGoesWithIt() throws Exception {
        long lease = result(jetcd.getLeaseClient().grant(60)).getID();
        PutOption leased = PutOption.builder().withLeaseId(lease).build();
        result(jetcd.getKVClient().put(bytes("/a/k"), bytes("v"), leased));
        assertThat(read(KEY).leased()).isTrue();
        ours(store.put(KEY, Bytes.ofUtf8("w")));
        assertThat(read(KEY).leased())
                .as("a put of ours leaves a lease as it is")
                .isTrue();

        Observed watch = new Observed();
        store.watch(A, WatchStart.snapshot(), watch);
        watch.next();
        result(jetcd.getLeaseClient().revoke(lease));
        Changes gone = (Changes) watch.next();
        assertThat(gone.changes()).containsExactly(new Change.Delete(KEY, gone.revision()));
    }

    @Test
    void ourLeaseIsEtcdsAndTheirRevocationIsItsLoss() throws Exception {
        Lease lease = ours(store.grantLease(TTL));
        ours(store.put(KEY, Bytes.ofUtf8("v"), lease));
        long id = Long.parseUnsignedLong(lease.id(), 16);
        assertThat(result(jetcd.getKVClient().get(bytes("/a/k")))
                        .getKvs()
                        .get(0)
                        .getLease())
                .isEqualTo(id);
        result(jetcd.getLeaseClient().revoke(id));
        assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        assertThat(ours(store.get(KEY)).isPresent()).isFalse();
    }

    /** A put of jetcd's without a lease takes the entry's away: what is etcd's rule, and not ours. */
    @Test
    void theirPutFreesAnEntryOfItsLease() throws Exception {
        Lease lease = ours(store.grantLease(TTL));
        ours(store.put(KEY, Bytes.ofUtf8("v"), lease));
        result(jetcd.getKVClient().put(bytes("/a/k"), bytes("kept")));
        assertThat(read(KEY).leased()).isFalse();
        ours(lease.revoke());
        assertThat(read(KEY).value()).isEqualTo(Bytes.ofUtf8("kept"));
    }

    @Test
    void namesThatAreNoKeysAreOutOfSightAndHarmless() throws Exception {
        Observed watch = new Observed();
        store.watch(Directory.ROOT, WatchStart.snapshot(), watch);
        watch.next();
        for (String name : List.of("/a//k", "/a/", "x")) {
            result(jetcd.getKVClient().put(bytes(name), bytes("v")));
        }
        result(jetcd.getKVClient().put(ByteSequence.from(new byte[] {'/', 'a', '/', (byte) 0xFF}), bytes("v")));
        result(jetcd.getKVClient().put(bytes("/a/k"), bytes("v")));
        assertThat(((Changes) watch.next()).changes()).extracting(Change::key).containsExactly(KEY);
        assertThat(ours(store.list(Directory.ROOT)).entries())
                .extracting(KeyValue::key)
                .containsExactly(KEY);
    }

    @Test
    void theirLockIsALeasedEntryToUsAndPassesOnWhenWeRemoveIt() throws Exception {
        long first = result(jetcd.getLeaseClient().grant(60)).getID();
        long second = result(jetcd.getLeaseClient().grant(60)).getID();
        String name = result(jetcd.getLockClient().lock(bytes("/locks/theirs"), first))
                .getKey()
                .toString();
        CompletableFuture<?> waiting = jetcd.getLockClient().lock(bytes("/locks/theirs"), second);
        Directory queue = Directory.of("/locks/theirs");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> ours(store.list(queue)).entries().size() == 2);
        assertThat(waiting).isNotDone();
        KeyValue holder = read(Key.of(name));
        assertThat(holder.leased()).isTrue();
        ours(store.delete(holder.key(), holder.revision()));
        result(waiting);
    }

    /** The two do not know each other: see the page about migrating. */
    @Test
    void ourLockAndTheirsOfOneNameDoNotExcludeEachOther() throws Exception {
        Directory name = Directory.of("/locks/both");
        long lease = result(jetcd.getLeaseClient().grant(60)).getID();
        ByteSequence held =
                result(jetcd.getLockClient().lock(bytes(name.path()), lease)).getKey();
        try (DistributedLock lock = DistributedLock.open(store, name, PATIENT);
                LockHold hold = lock.tryLock().orElseThrow()) {
            assertThat(hold.isHeld()).isTrue();
            assertThat(ours(store.get(Key.of(held.toString()))).isPresent()).isTrue();
        }
        result(jetcd.getLockClient().unlock(held));
    }

    /** How both are kept apart while some processes have only the old one: theirs is taken first by everybody. */
    @Test
    void whoTakesTheirLockFirstIsAlone() throws Exception {
        long old = result(jetcd.getLeaseClient().grant(60)).getID();
        Lease lease = ours(store.grantLease(TTL));
        long own = Long.parseUnsignedLong(lease.id(), 16);
        ByteSequence held =
                result(jetcd.getLockClient().lock(bytes("/locks/old"), old)).getKey();
        CompletableFuture<LockHold> both = jetcd.getLockClient()
                .lock(bytes("/locks/old"), own)
                .thenCompose(ignored -> DistributedLock.open(store, Directory.of("/locks/new"), PATIENT)
                        .acquire());
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        ours(store.list(Directory.of("/locks/old"))).entries().size() == 2);
        assertThat(both).isNotDone();
        result(jetcd.getLockClient().unlock(held));
        try (LockHold hold = result(both)) {
            assertThat(hold.isHeld()).isTrue();
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Test
    void electionsBesideEachOtherHaveLeadersOfTheirOwn() throws Exception {
        long lease = result(jetcd.getLeaseClient().grant(60)).getID();
        CampaignResponse won =
                result(jetcd.getElectionClient().campaign(bytes("/elections/x"), lease, bytes("jetcd-1")));
        try (LeaderElection election = LeaderElection.open(store, Directory.of("/elections/x"))) {
            assertThat(ours(election.readLeader())).isEmpty();
            election.join("rollcall-1", new CandidateListener() {
                @Override
                public void onElected(FencingToken token) {}

                @Override
                public void onLost(FencingToken token, String reason) {}
            });
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> ours(election.readLeader())
                            .map(Leader::candidateId)
                            .filter("rollcall-1"::equals)
                            .isPresent());
            assertThat(result(jetcd.getElectionClient().leader(bytes("/elections/x")))
                            .getKv()
                            .getValue())
                    .isEqualTo(bytes("jetcd-1"));
        }
        result(jetcd.getElectionClient().resign(won.getLeader()));
    }

    @Test
    void keysOfBothAreTheSameWithARootBelowTheNamespace() throws Exception {
        ClientBuilder slash = builder.copy().namespace(bytes("slash/"));
        try (Client client = slash.build();
                KvBackend below = JetcdStores.open(slash, Directory.of("/app"), TIMEOUT)) {
            ours(below.put(KEY, Bytes.ofUtf8("v")));
            assertThat(result(client.getKVClient().get(bytes("app/a/k"))).getKvs())
                    .hasSize(1);
        }
    }

    @Test
    void aStoreLeavesNothingBehindForTheOther() throws Exception {
        Lease lease = ours(store.grantLease(TTL));
        ours(store.commit(Txn.of(new Write.Put(KEY, Bytes.EMPTY, lease))));
        store.close();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> result(jetcd.getKVClient().get(bytes("/a/k"))).getCount() == 0);
        assertThatThrownBy(() -> result(jetcd.getLeaseClient().keepAliveOnce(Long.parseUnsignedLong(lease.id(), 16))))
                .isInstanceOf(ExecutionException.class);
    }
}
