package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.ServerData;
import io.etcd.jetcd.api.AuthDisableRequest;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserChangePasswordRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that wear out under whatever holds them, and users that are switched on and off. */
class TokenTest {
    private static final Key KEY = Key.of("/k");
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    static EtcdServer start(String... more) {
        EtcdServer server = EtcdServer.start(EtcdBinary.underTest(), more);
        AuthGrpc.AuthBlockingStub auth = auth(server);
        auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName("root")
                .setPassword("s3cret")
                .build());
        auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
        auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        return server;
    }

    private static AuthGrpc.AuthBlockingStub auth(EtcdServer server) {
        return AuthGrpc.newBlockingStub(server.admin().channel());
    }

    static void switchOn(EtcdServer server) {
        auth(server).authEnable(AuthEnableRequest.getDefaultInstance());
    }

    private static void switchOff(EtcdServer server) {
        asRoot(server, "s3cret").authDisable(AuthDisableRequest.getDefaultInstance());
    }

    /** What root may do, with a token of its own. */
    static AuthGrpc.AuthBlockingStub asRoot(EtcdServer server, String password) {
        Metadata headers = new Metadata();
        headers.put(
                TOKEN,
                auth(server)
                        .authenticate(AuthenticateRequest.newBuilder()
                                .setName("root")
                                .setPassword(password)
                                .build())
                        .getToken());
        return auth(server).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    static KvBackend open(EtcdServer server) {
        return KvBackends.open("etcd://root:s3cret@" + server.address() + "/tokens?timeout=60s");
    }

    private static void changePassword(EtcdServer server, String before, String after) {
        asRoot(server, before)
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("root")
                        .setPassword(after)
                        .build());
    }

    private static KvBackend open(EtcdServer server, Path file, String timeout) {
        return KvBackends.open(
                "etcd://root@" + server.address() + "/tokens?timeout=" + timeout + "&password-file=" + file);
    }

    /** Kills the server, whose memory is where tokens live, and starts it again. */
    private static void forgetTokens(EtcdServer server) {
        server.process().kill();
        server.process().start();
    }

    @Test
    void leaseWithNothingBesideItOutlivesItsTokenAndIsRevokedWithANewOne() {
        try (EtcdServer server = start();
                KvBackend watching = open(server)) {
            switchOn(server);
            Observer observer = new Observer();
            watching.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            KvBackend holder = open(server);
            Lease lease;
            try (holder) {
                lease = Await.result(holder.grantLease(Duration.ofSeconds(25)));
                Await.result(holder.put(KEY, Bytes.EMPTY, lease));
                forgetTokens(server);
                // Longer than its ttl: a lease that nobody renews would be gone.
                long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
                Await.until(() -> System.nanoTime() > until || !lease.isHeld());
                assertThat(lease.isHeld()).isTrue();
                forgetTokens(server);
            }
            assertThat(Await.result(lease.ended().toCompletableFuture())).isIn(LeaseEnd.REVOKED, LeaseEnd.LOST);
            Await.until(() -> observer.state().isEmpty());
            assertThat(observer.hasEnded()).isFalse();
        }
    }

    @Test
    void quietWatchIsNotEndedByTokensThatWearOut() {
        try (EtcdServer server = start();
                KvBackend backend = open(server)) {
            switchOn(server);
            Observer quiet = new Observer();
            backend.watch(Directory.of("/quiet"), WatchStart.snapshot(), quiet);
            Await.until(() -> quiet.signals().size() == 1);
            for (int i = 0; i < 6; i++) {
                forgetTokens(server);
                Await.result(backend.put(KEY, Bytes.ofUtf8("" + i)));
            }
            long revision =
                    Await.result(backend.put(Key.of("/quiet/k"), Bytes.EMPTY)).revision();
            Await.until(() -> quiet.revision() >= revision || quiet.hasEnded());
            assertThat(quiet.hasEnded()).isFalse();
        }
    }

    @Test
    void usersCanBeSwitchedOnAndOffUnderAHandleThatHasAPassword() {
        try (EtcdServer server = start();
                KvBackend backend = open(server)) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.ofUtf8("off"), lease));
            for (int round = 0; round < 2; round++) {
                switchOn(server);
                Await.result(backend.put(KEY, Bytes.ofUtf8("on"), lease));
                forgetTokens(server);
                Await.result(backend.put(KEY, Bytes.ofUtf8("on again"), lease));
                switchOff(server);
                Await.result(backend.put(KEY, Bytes.ofUtf8("off"), lease));
            }
            long revision = Await.result(backend.put(KEY, Bytes.ofUtf8("end"))).revision();
            Await.until(() -> observer.revision() >= revision);
            assertThat(observer.hasEnded()).isFalse();
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Test
    void storeThatWasPutBackIsServedThoughItHasNotComeToTheTokenYet(@TempDir Path folder) {
        try (EtcdServer server = start()) {
            switchOn(server);
            server.process().kill();
            ServerData.copy(server.data(), folder.resolve("early"));
            server.process().start();
            try (KvBackend backend = open(server)) {
                Observer observer = new Observer();
                backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
                for (int i = 0; i < 200; i++) {
                    Await.result(backend.put(KEY, Bytes.ofUtf8("" + i)));
                }
                // The next token names an index that the other store comes to after minutes.
                forgetTokens(server);
                long last = Await.result(backend.put(KEY, Bytes.EMPTY)).revision();
                Await.until(() -> observer.revision() >= last);
                server.process().kill();
                ServerData.delete(server.data());
                ServerData.copy(folder.resolve("early"), server.data());
                server.process().start();
                Await.result(backend.put(KEY, Bytes.ofUtf8("after")));
                Await.until(() -> observer.rewound() == 1
                        && observer.state().containsKey(KEY)
                        && observer.state().get(KEY).value().equals(Bytes.ofUtf8("after")));
                assertThat(observer.hasEnded()).isFalse();
            }
        }
    }

    @Test
    void changedPasswordIsReadFromItsFileAndNothingIsLost(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("password");
        Files.writeString(file, "s3cret\n");
        try (EtcdServer server = start();
                KvBackend backend = open(server, file, "60s")) {
            switchOn(server);
            Observer quiet = new Observer();
            backend.watch(Directory.of("/quiet"), WatchStart.snapshot(), quiet);
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Key leased = Key.of("/quiet/leased");
            Await.result(backend.put(leased, Bytes.EMPTY, lease));
            changePassword(server, "s3cret", "n3w");
            // Until the file has it as well, nothing is sent and nothing is lost.
            CompletableFuture<Commit> waiting = backend.put(KEY, Bytes.EMPTY);
            try (KvBackend early = open(server, file, "8s")) {
                Await.reason(early);
                assertThatThrownBy(() -> Await.result(early.put(KEY, Bytes.EMPTY)))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageContaining("does not accept this user and password")
                        .hasMessageNotContaining("s3cret");
            }
            Files.writeString(file, "n3w");
            Await.result(waiting);
            // The whole connection anew, streams and all.
            forgetTokens(server);
            long revision =
                    Await.result(backend.put(leased, Bytes.ofUtf8("2"), lease)).revision();
            Await.until(() -> quiet.revision() >= revision || quiet.hasEnded());
            assertThat(quiet.hasEnded()).isFalse();
            assertThat(lease.isHeld()).isTrue();
        }
    }
}
