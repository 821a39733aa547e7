package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Member;
import dev.rollcall.kv.Diagnosis.Role;
import dev.rollcall.kv.Diagnosis.Severity;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the backend says about ensembles in trouble; about healthy ones, the kit asks. */
class DiagnosisTest {
    private static final String CONFIGURATION = """
            server.1=127.0.0.1:2888:3888:participant;0.0.0.0:2181
            server.2=zk2:2888:3888:participant;zk2:2182
            server.3=zk3:2888:3888:observer;[::]:2183
            version=100000000""";

    /**
     * Asks until this is what is said: a diagnosis takes two seconds at most, and a server on a busy machine that has not answered by then is
     * rightly said to be silent.
     */
    private static void says(KvBackend backend, Consumer<Diagnosis> expected) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> expected.accept(result(backend.diagnose())));
    }

    private static List<String> findings(Diagnosis diagnosis) {
        return diagnosis.findings().stream().map(Finding::what).toList();
    }

    @Test
    void aLoneServerTellsItsVersionAndThatItLeads() {
        try (ZooKeeperServer server = ZooKeeperServer.alone(false);
                KvBackend backend = KvBackends.open("zookeeper://" + server.address() + "/d?timeout=20s")) {
            result(backend.put(Key.of("/k"), text("v")));
            says(backend, diagnosis -> {
                assertThat(diagnosis.findings()).isEmpty();
                assertThat(diagnosis.members()).singleElement().satisfies(member -> {
                    assertThat(member.contact()).isEqualTo(Contact.ANSWERED);
                    assertThat(member.role()).isEqualTo(Role.LEADER);
                    assertThat(member.version()).startsWith(System.getProperty("zookeeper.server", "3."));
                });
            });
            server.process().kill();
            Diagnosis down = result(backend.diagnose());
            assertThat(down.findings().get(0).severity()).isEqualTo(Severity.ERROR);
            assertThat(findings(down)).contains("No member of the ensemble answers.");
        }
    }

    @Test
    void whatAUserMayNotDoOnTheRootIsToldWithoutDoingIt() {
        try (ZooKeeperServer server = ZooKeeperServer.alone(false);
                KvBackend owner = open(server, "ann:s3cret@", "/owned", "&acl=creator-world-read");
                KvBackend reader = open(server, "", "/owned", "");
                KvBackend hidden = open(server, "ann:s3cret@", "/hidden", "");
                KvBackend stranger = open(server, "bob:guess@", "/hidden", "")) {
            result(hidden.put(Key.of("/k"), text("v")));
            result(owner.put(Key.of("/k"), text("v")));
            says(owner, diagnosis -> assertThat(diagnosis.findings()).isEmpty());
            says(
                    reader,
                    diagnosis -> assertThat(findings(diagnosis))
                            .containsExactly("This user may not create what is directly below '/owned'."));
            says(stranger, diagnosis -> {
                assertThat(findings(diagnosis)).contains("This user may not read what is directly below '/hidden'.");
                assertThat(diagnosis.toString()).doesNotContain("guess");
            });
        }
    }

    private static KvBackend open(ZooKeeperServer on, String user, String root, String more) {
        return KvBackends.open("zookeeper://" + user + on.address() + root + "?timeout=20s" + more);
    }

    @Test
    void membersThatTheConfigurationAddsAreNamedAndNotJudged() {
        EnsembleReport.Asked first = asked("127.0.0.1:2181", "follower");
        Diagnosis diagnosis = EnsembleReport.of(List.of(first), CONFIGURATION, List.of());
        assertThat(diagnosis.members().stream().map(Member::name)).containsExactly("server.1", "server.2", "server.3");
        assertThat(diagnosis.members().stream().map(Member::role))
                .containsExactly(Role.FOLLOWER, Role.VOTER, Role.LEARNER);
        assertThat(diagnosis.members().stream().map(Member::contact))
                .containsExactly(Contact.ANSWERED, Contact.NOT_ASKED, Contact.NOT_ASKED);
        assertThat(diagnosis.findings()).isEmpty();
        // By another name, it may be any of them.
        Diagnosis unclear = EnsembleReport.of(List.of(asked("127.0.0.1:9999", null)), CONFIGURATION, List.of());
        assertThat(unclear.members()).hasSize(1);
        assertThat(findings(unclear)).singleElement().asString().contains("server.2 at zk2:2182");
    }

    private static EnsembleReport.Asked asked(String address, @Nullable String mode) {
        return new EnsembleReport.Asked(
                Endpoints.address(address),
                new InetSocketAddress(address.split(":", 2)[0], Integer.parseInt(address.split(":", 2)[1])),
                new MemberProbe.Finding(null, MemberProbe.UNTOLD, true, "3.9.3", mode));
    }
}
