package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Cluster.Disruption;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.server.ServerProcess;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.PutRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** That the faults of a run which only etcd can suffer are what they say. */
class EtcdFaultsTest {
    private static final Key KEY = Key.of("/k");

    /** A fault that was done, and how it is undone. */
    private static final class Struck {
        private final Deque<Runnable> undo = new ArrayDeque<>();

        Struck(Disruption disruption) {
            disruption.strike(undo::push);
        }

        void heal() {
            undo.forEach(Runnable::run);
        }
    }

    static EtcdCluster start(Map<String, String> options) {
        return EtcdCluster.start(
                EtcdClusterSettings.of(options, EtcdServer.directory("security")), EtcdServer.SERVERS_DIRECTORY);
    }

    private static Struck strike(EtcdCluster cluster, Fault fault) {
        return new Struck(cluster.disruption(fault).orElseThrow());
    }

    @Test
    void memberWithAStalledDiskTellsItsStatusAndDoesWhatNobodyLearnsOf() throws Exception {
        try (EtcdCluster cluster = start(Map.of())) {
            EtcdCluster.Member member = cluster.follower();
            try (EtcdAdmin client = new EtcdAdmin(member.proxy().port());
                    KvBackend bound = KvBackends.open("etcd://" + member.proxy().address() + "/stalled?timeout=60s")) {
                Await.result(bound.put(KEY, Bytes.EMPTY));
                Struck stalled = strike(cluster, Fault.STALL_DISK);
                assertThat(client.status().getLeader()).isNotZero();
                Future<?> put = KVGrpc.newFutureStub(client.channel())
                        .put(PutRequest.newBuilder()
                                .setKey(EtcdAdmin.bytes("/stalled/put"))
                                .build());
                EtcdAdmin elsewhere = cluster.leader().admin();
                Await.until(() -> elsewhere.entries("/stalled/").size() == 2);
                assertThat(client.status().getLeader()).isNotZero();
                assertThat(put.isDone()).isFalse();
                stalled.heal();
                assertThat(put.get()).isNotNull();
                Await.result(bound.put(KEY, Bytes.EMPTY));
            }
        }
    }

    @Test
    void learnerJoinsServesNobodyAndLeavesWithAVoteOrWithout() {
        try (EtcdCluster cluster = start(Map.of());
                KvBackend backend = cluster.open()) {
            EtcdAdmin operator = cluster.members().get(0).admin();
            for (int i = 0; i < 2; i++) {
                Struck joined = strike(cluster, Fault.ADD_LEARNER);
                assertThat(operator.members()).hasSize(4);
                assertThat(operator.members()).filteredOn(Member::getIsLearner).hasSize(1);
                try (EtcdAdmin client = new EtcdAdmin(cluster.learner().port())) {
                    assertThatThrownBy(client::revision).hasMessageContaining("not supported for learner");
                }
                Await.result(backend.put(KEY, Bytes.ofUtf8("" + i)));
                joined.heal();
                assertThat(operator.members()).hasSize(3);
                assertThat(operator.members()).noneMatch(Member::getIsLearner);
                assertThat(cluster.learner().promotions()).isEqualTo(i);
            }
        }
    }

    @Test
    void clientsGoThroughProxiesThatAreKilledInTurn() {
        try (EtcdCluster cluster = start(Map.of("proxy", "true"));
                KvBackend backend = cluster.open()) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
            assertThat(cluster.knownFaults()).hasSize(2);
            List<ServerProcess> proxies = cluster.proxies().all().stream()
                    .map(EtcdProxies.Proxy::process)
                    .toList();
            for (List<Boolean> alive : List.of(List.of(false, true), List.of(true, false), List.of(false, false))) {
                Struck killed = strike(cluster, Fault.PROXY_RESTART);
                assertThat(proxies.stream().map(ServerProcess::isAlive)).containsExactlyElementsOf(alive);
                killed.heal();
                assertThat(proxies).allMatch(ServerProcess::isAlive);
                Await.result(backend.get(KEY));
            }
        }
    }

    @Test
    void membersAreReplacedByTheNextVersionOnce() {
        EtcdBinary from = EtcdBinary.upgradable();
        String to = from.next().orElseThrow().version();
        try (EtcdCluster cluster = start(Map.of("upgrade", from.version() + "-" + to));
                KvBackend backend = cluster.open()) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
            assertThat(cluster.members()).allMatch(member -> version(member).startsWith(from.version()));
            strike(cluster, Fault.ROLLING_UPGRADE).heal();
            assertThat(cluster.members()).allMatch(member -> version(member).startsWith(to));
            assertThat(Await.result(backend.get(KEY)).isPresent()).isTrue();
            strike(cluster, Fault.ADD_LEARNER).heal();
            assertThat(cluster.disruption(Fault.ROLLING_UPGRADE)).isEmpty();
        }
    }

    /** Else what is named after the leader would strike anybody. */
    @Test
    void oneMemberLeadsAlsoWhereUsersSignIn() {
        try (EtcdCluster cluster = start(Map.of("auth", "simple"))) {
            EtcdCluster.Member leader = cluster.leader();
            assertThat(cluster.knownFaults()).hasSize(1);
            assertThat(cluster.members()).filteredOn(EtcdCluster.Member::leads).containsExactly(leader);
        }
    }

    @Test
    void storeIsPutBackToWhatItWasAndComesBackEmpty() {
        try (EtcdCluster cluster = start(Map.of())) {
            EtcdAdmin operator = cluster.members().get(0).admin();
            operator.put("/kept/a", "v");
            Struck restored = strike(cluster, Fault.RESTORE_OLDER);
            operator.put("/kept/b", "v");
            assertThat(operator.entries("/kept/")).hasSize(2);
            restored.heal();
            assertThat(operator.entries("/kept/")).hasSize(1);
            Struck wiped = strike(cluster, Fault.WIPE);
            assertThat(operator.entries("/kept/")).hasSize(1);
            wiped.heal();
            assertThat(operator.entries("/kept/")).isEmpty();
            assertThat(cluster.members())
                    .noneMatch(member ->
                            member.data().resolveSibling("data-older").toFile().exists());
        }
    }

    private static String version(EtcdCluster.Member member) {
        return member.admin().status().getVersion();
    }

    @Test
    void faultsThatAClusterCannotHaveAreImpossible() {
        try (EtcdCluster cluster = start(Map.of("tls", "true"))) {
            assertThat(List.of(Fault.STALL_DISK, Fault.PROXY_RESTART, Fault.ROLLING_UPGRADE, Fault.AUTH_OFF_ON))
                    .noneMatch(fault -> fault.isPossible(cluster));
            assertThat(List.of(Fault.ADD_LEARNER, Fault.ROTATE_CERTIFICATES))
                    .allMatch(fault -> fault.isPossible(cluster));
        }
    }

    @Test
    void wrongOptionsAreRefusedInASentence() {
        assertThatThrownBy(() -> start(Map.of("upgrade", "3.5-3.7")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "The option upgrade=3.5-3.7 is no step from one version to the next; there are 3.4-3.5, 3.5-3.6,"
                                + " 3.6-3.7.");
        assertThatThrownBy(() -> start(Map.of("proxy", "yes"))).hasMessageContaining("neither proxy=true nor");
        assertThatThrownBy(() -> start(Map.of("proxy", "true", "tls", "true")))
                .hasMessage("The option proxy=true goes with neither auth nor tls.");
        assertThatThrownBy(() -> start(Map.of("color", "red"))).hasMessageContaining("color");
    }
}
