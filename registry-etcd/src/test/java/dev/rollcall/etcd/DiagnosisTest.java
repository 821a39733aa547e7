package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Member;
import dev.rollcall.kv.Diagnosis.Role;
import dev.rollcall.kv.Diagnosis.Severity;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What the backend says about stores in trouble; about healthy ones, the kit asks. */
class DiagnosisTest {
    private static final int QUOTA = 8 * 1024 * 1024;
    /** Many times the quota: etcd compares it with the size as of its last commit, which a slow disk delays, while puts go on. */
    private static final int ENOUGH = 1_000;

    /**
     * Asks until this is what is said: a diagnosis takes two seconds at most, and a member on a busy machine that has not answered by then is
     * rightly said to be silent.
     */
    private static void says(KvBackend backend, Consumer<Diagnosis> expected) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> expected.accept(Await.result(backend.diagnose())));
    }

    private static void says(EtcdServer server, String who, Consumer<Diagnosis> expected) {
        try (KvBackend backend = KvBackends.open("etcd://" + who + server.address() + "/app?timeout=30s")) {
            says(backend, expected);
        }
    }

    private static Optional<Finding> finding(Diagnosis diagnosis, String part) {
        return diagnosis.findings().stream()
                .filter(finding -> finding.what().contains(part))
                .findFirst();
    }

    private static Member named(Diagnosis diagnosis, String name) {
        return diagnosis.members().stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No member " + name + " in " + diagnosis));
    }

    @Test
    void membersAreNamedWithTheirVersionsAndOneThatIsDownIsSaidToBeSilent() {
        try (EtcdCluster cluster = EtcdCluster.start(EtcdBinary.underTest())) {
            Await.until(() -> cluster.members().stream()
                    .allMatch(member -> member.admin().status().getLeader() != 0));
            EtcdCluster.Member follower = cluster.follower();
            try (KvBackend backend = KvBackends.open(cluster.url("/d?timeout=30s"));
                    KvBackend other =
                            KvBackends.open("etcd://" + follower.proxy().address() + "/d?timeout=30s")) {
                says(backend, diagnosis -> {
                    assertThat(diagnosis.findings()).isEmpty();
                    assertThat(diagnosis.members()).hasSize(3).allSatisfy(member -> {
                        assertThat(member.contact()).isEqualTo(Contact.ANSWERED);
                        assertThat(member.version())
                                .startsWith(EtcdBinary.underTest().version());
                    });
                    assertThat(diagnosis.members().stream().filter(member -> member.role() == Role.LEADER))
                            .hasSize(1);
                });
                // One that is not named by the URL is no answer and no silence.
                says(
                        other,
                        diagnosis -> assertThat(diagnosis.members().stream()
                                        .filter(member -> member.contact() == Contact.NOT_ASKED))
                                .hasSize(2));
                follower.kill();
                says(backend, down -> {
                    assertThat(finding(down, "does not answer").map(Finding::severity))
                            .contains(Severity.WARNING);
                    assertThat(down.members().stream().filter(member -> member.contact() == Contact.ANSWERED))
                            .hasSize(2);
                    // It is known that the member exists; that it is the one behind the silent address is not, since
                    // a proxy is between.
                    assertThat(named(down, follower.name()).contact()).isEqualTo(Contact.NOT_ASKED);
                });
                says(other, gone -> {
                    assertThat(gone.findings()).isNotEmpty();
                    assertThat(gone.findings().get(0).severity()).isEqualTo(Severity.ERROR);
                    assertThat(gone.findings().get(0).what()).contains("No member of the store answers");
                });
            }
        }
    }

    @Test
    void alarmIsAnErrorAndADatabaseNearItsQuotaAWarning() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest(), "--quota-backend-bytes=" + QUOTA);
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/d?timeout=60s")) {
            int written = 0;
            KvException full = null;
            while (full == null) {
                assertThat(written).as("large entries in a small store").isLessThan(ENOUGH);
                try {
                    Await.result(backend.put(Key.of("/k" + written++), Bytes.ofUtf8("x".repeat(400_000))));
                } catch (KvException e) {
                    full = e;
                }
            }
            // etcd tells its quota since 3.6; before, nothing is known of it, and nothing is said.
            boolean told = !List.of("3.4", "3.5")
                    .contains(EtcdBinary.underTest().version().substring(0, 3));
            says(backend, diagnosis -> {
                assertThat(finding(diagnosis, "NOSPACE")).hasValueSatisfying(alarm -> {
                    assertThat(alarm.severity()).isEqualTo(Severity.ERROR);
                    assertThat(alarm.wayOut()).contains("alarm disarm");
                });
                assertThat(finding(diagnosis, "quota allows").isPresent()).isEqualTo(told);
            });
        }
    }

    @Test
    void whatAUserMayNotDoOnTheRootIsToldWithoutDoingIt() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest())) {
            AuthGrpc.AuthBlockingStub auth =
                    AuthGrpc.newBlockingStub(server.admin().channel());
            for (String name : List.of("root", "reader", "part")) {
                auth.userAdd(AuthUserAddRequest.newBuilder()
                        .setName(name)
                        .setPassword("s3cret")
                        .build());
                auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
                auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                        .setUser(name)
                        .setRole(name)
                        .build());
            }
            permit(auth, "reader", "/app/", Permission.Type.READ);
            permit(auth, "part", "/app/part/", Permission.Type.READWRITE);
            auth.authEnable(AuthEnableRequest.getDefaultInstance());

            says(
                    server,
                    "root:s3cret@",
                    diagnosis -> assertThat(diagnosis.findings()).isEmpty());
            says(server, "reader:s3cret@", reader -> {
                assertThat(finding(reader, "This user may not write '/app/.rollcall/diagnosis'"))
                        .as(reader.toString())
                        .isPresent();
                assertThat(finding(reader, "may not read")).isEmpty();
            });
            says(
                    server,
                    "part:s3cret@",
                    part -> assertThat(finding(part, "This user may not read all that is below '/app/'"))
                            .isPresent());
            says(server, "part:wr0ng@", wrong -> {
                assertThat(wrong.members())
                        .hasSize(1)
                        .allSatisfy(member -> assertThat(member.contact()).isEqualTo(Contact.ANSWERED));
                assertThat(wrong.findings()).isNotEmpty();
                assertThat(wrong.findings().get(0).severity()).isEqualTo(Severity.ERROR);
                assertThat(wrong.toString()).contains("user and password").doesNotContain("wr0ng");
            });
            says(
                    server,
                    "",
                    nobody -> assertThat(finding(nobody, "demands a user and a password"))
                            .isPresent());
        }
    }

    private static void permit(AuthGrpc.AuthBlockingStub auth, String role, String prefix, Permission.Type type) {
        auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName(role)
                .setPerm(Permission.newBuilder()
                        .setPermType(type)
                        .setKey(EtcdAdmin.bytes(prefix))
                        .setRangeEnd(EtcdAdmin.bytes(prefix.substring(0, prefix.length() - 1) + "0")))
                .build());
    }
}
