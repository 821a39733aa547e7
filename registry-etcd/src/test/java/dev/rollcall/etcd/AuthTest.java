package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.WatchStart;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A server that demands a password, with a user who may see a part of the store only. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthTest {
    private static final Key KEY = Key.of("/k");
    /** The field of a request for a new user that the generated classes do not have. */
    private static final int USER_OPTIONS = 3;

    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
        AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(server.admin().channel());
        for (String name : List.of("root", "app", "guest")) {
            auth.userAdd(AuthUserAddRequest.newBuilder()
                    .setName(name)
                    .setPassword("s3cret-" + name)
                    .build());
            auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
            auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                    .setUser(name)
                    .setRole(name)
                    .build());
        }
        permit(auth, "app", Permission.Type.READWRITE);
        auth.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    private static void permit(AuthGrpc.AuthBlockingStub auth, String role, Permission.Type type) {
        auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName(role)
                .setPerm(Permission.newBuilder()
                        .setPermType(type)
                        .setKey(EtcdAdmin.bytes("/secure/" + role + "/"))
                        .setRangeEnd(EtcdAdmin.bytes("/secure/" + role + "0")))
                .build());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private String url(String who, String prefix) {
        return "etcd://" + who + server.address() + prefix + "?timeout=30s";
    }

    @Test
    void userWithAPasswordIsServedAlsoAfterItsTokenWasForgotten() {
        try (KvBackend backend = KvBackends.open(url("app:s3cret-app@", "/secure/app"))) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.ofUtf8("1"), lease));
            Await.result(backend.put(KEY, Bytes.ofUtf8("2")));
            // Tokens live in the server's memory.
            server.process().kill();
            server.process().start();
            long revision = Await.result(backend.put(KEY, Bytes.ofUtf8("3"))).revision();
            Await.until(() -> observer.revision() >= revision);
            assertThat(Await.result(backend.get(KEY)).entry().orElseThrow().leased())
                    .isTrue();
            Await.result(lease.revoke());
            assertThat(Await.result(backend.get(KEY)).isPresent()).isFalse();
            assertThat(observer.hasEnded()).isFalse();
        }
    }

    @Test
    void wrongPasswordIsDeniedAndNotShown() {
        denied(url("app:wr0ng@", "/secure/app"), "the store does not accept this user and password");
    }

    @Test
    void passwordOfAUserWhoIsKnownByACertificateOnlyIsDenied() {
        UnknownFieldSet withoutPassword = UnknownFieldSet.newBuilder()
                .addField(
                        USER_OPTIONS,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(UnknownFieldSet.newBuilder()
                                        .addField(
                                                1,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addVarint(1)
                                                        .build())
                                        .build()
                                        .toByteString())
                                .build())
                .build();
        TokenTest.asRoot(server, "s3cret-root")
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName("machine")
                        .setUnknownFields(withoutPassword)
                        .build());
        denied(url("machine:wr0ng@", "/secure/app"), "the store does not accept this user and password");
    }

    @Test
    void nobodyIsDenied() {
        denied(url("", "/secure/app"), "the store demands a user and a password");
    }

    @Test
    void keysOutsideTheUsersPermissionAreDenied() {
        denied(url("app:s3cret-app@", "/secure/other"), "this user has no permission");
    }

    @Test
    void forbiddenWritesAmongOthersAreDeniedAlone() {
        try (KvBackend backend = KvBackends.open(url("app:s3cret-app@", "/secure"));
                KvBackend root = KvBackends.open(url("root:s3cret-root@", "/secure"))) {
            // Twice: the second time no batch takes a shortcut, whose operations etcd sees otherwise.
            for (String round : List.of("a", "b")) {
                Key leased = Key.of("/app/" + round + "/20");
                Await.result(root.put(leased, Bytes.EMPTY, Await.result(root.grantLease(Duration.ofSeconds(60)))));
                List<CompletableFuture<Commit>> commits = IntStream.range(0, 60)
                        .mapToObj(i -> switch (i) {
                            case 30 -> backend.put(Key.of("/other/put"), Bytes.EMPTY);
                            case 35 -> backend.create(Key.of("/other/created"), Bytes.EMPTY);
                            default -> backend.put(Key.of("/app/" + round + "/" + i), Bytes.EMPTY);
                        })
                        .toList();
                for (int i = 0; i < commits.size(); i++) {
                    CompletableFuture<Commit> commit = commits.get(i);
                    if (i == 30 || i == 35) {
                        assertThatThrownBy(() -> Await.result(commit)).isInstanceOf(AccessDeniedException.class);
                    } else {
                        Await.result(commit);
                    }
                }
                assertThat(Await.result(root.list(Directory.of("/other"))).entries())
                        .isEmpty();
                assertThat(Await.result(root.list(Directory.of("/app/" + round)))
                                .entries())
                        .hasSize(58);
            }
        }
    }

    @Test
    void revocationThatIsForbiddenSaysSo() {
        AuthGrpc.AuthBlockingStub root = TokenTest.asRoot(server, "s3cret-root");
        permit(root, "guest", Permission.Type.READWRITE);
        try (KvBackend backend = KvBackends.open(url("guest:s3cret-guest@", "/secure/guest"))) {
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            permit(root, "guest", Permission.Type.READ);
            assertThatThrownBy(() -> Await.result(lease.revoke()))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("no permission")
                    .hasMessageContaining("60 s");
            assertThat(lease.isHeld()).isFalse();
            // It is tried again, for as long as the lease may be there.
            permit(root, "guest", Permission.Type.READWRITE);
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(Await.result(backend.get(KEY)).isPresent()).isFalse();
            Await.result(lease.revoke());
        }
    }

    private static void denied(String url, String reason) {
        try (KvBackend backend = KvBackends.open(url)) {
            Observer observer = new Observer();
            Observer after = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            backend.watch(Directory.ROOT, WatchStart.after(1), after);
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.EMPTY)))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining(reason)
                    .hasMessageNotContaining("wr0ng")
                    .hasMessageNotContaining("s3cret");
            assertThatThrownBy(() -> Await.result(backend.list(Directory.ROOT)))
                    .isInstanceOf(AccessDeniedException.class);
            Await.until(() -> observer.hasEnded() && after.hasEnded());
            assertThat(observer.cause()).isInstanceOf(AccessDeniedException.class);
            assertThat(after.cause()).isInstanceOf(AccessDeniedException.class);
        }
    }
}
