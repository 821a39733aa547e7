package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.AccessDeniedException;
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
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static KvBackend openAt(String members, String timeout) {
        return KvBackends.open("etcd://root:s3cret@" + members + "/tokens?timeout=" + timeout);
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
                GrpcRelay relay = GrpcRelay.to(server.port());
                KvBackend watching = open(server)) {
            switchOn(server);
            Observer observer = new Observer();
            watching.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            AtomicInteger renewals = new AtomicInteger();
            relay.replies((method, message) -> {
                if (method.endsWith("/LeaseKeepAlive")) {
                    renewals.incrementAndGet();
                }
                return message;
            });
            try (KvBackend holder = openAt(relay.address(), "60s")) {
                Lease brief = Await.result(holder.grantLease(Duration.ofSeconds(15)));
                forgetTokens(server);
                int before = renewals.get();
                Await.until(() -> renewals.get() > before || !brief.isHeld());
                assertThat(brief.isHeld()).isTrue();
                // Its entry does not go by itself while anybody waits here.
                Lease lease = Await.result(holder.grantLease(Duration.ofHours(1)));
                Await.result(holder.put(KEY, Bytes.EMPTY, lease));
                Await.until(() -> observer.state().containsKey(KEY));
                forgetTokens(server);
                Await.result(lease.revoke());
                assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
                Await.until(() -> observer.state().isEmpty());
                assertThat(observer.hasEnded()).isFalse();
            }
        }
    }

    /** Operations may take longer than anything here is waited for. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memberThatFallsSilentWhenATokenIsWantedKeepsNobodyWaiting(boolean inAllThings) {
        try (EtcdServer server = start();
                GrpcRelay one = GrpcRelay.to(server.port());
                GrpcRelay two = GrpcRelay.to(server.port());
                KvBackend writer = open(server)) {
            switchOn(server);
            AtomicInteger written = new AtomicInteger();
            one.script(method -> {
                if (method.endsWith("KV/Txn")) {
                    written.incrementAndGet();
                }
                return GrpcRelay.PASS;
            });
            try (KvBackend backend = openAt(one.address() + "," + two.address(), "1h")) {
                Await.result(backend.put(KEY, Bytes.EMPTY));
                AtomicBoolean asked = new AtomicBoolean();
                Status stale = Status.UNAUTHENTICATED.withDescription("etcdserver: invalid auth token");
                (written.get() > 0 ? one : two).script(method -> {
                    if (method.endsWith("/Authenticate")) {
                        asked.set(true);
                        return GrpcRelay.HANG;
                    }
                    if (asked.get()) {
                        return inAllThings ? GrpcRelay.HANG : stale;
                    }
                    return method.endsWith("/Watch") ? stale : GrpcRelay.PASS;
                });
                Observer observer = new Observer();
                backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
                Await.until(asked::get);
                long revision = Await.result(writer.put(KEY, Bytes.ofUtf8("2"))).revision();
                Await.result(backend.get(KEY));
                Await.until(() -> observer.revision() >= revision || observer.hasEnded());
                assertThat(observer.hasEnded()).isFalse();
            }
        }
    }

    @Test
    void watchThatIsRefusedWithThePresentTokenEndsWithTheReason() {
        try (EtcdServer server = start();
                GrpcRelay relay = GrpcRelay.to(server.port())) {
            switchOn(server);
            relay.replies((method, message) -> method.endsWith("/Watch") ? refused(message) : message);
            try (KvBackend backend = openAt(relay.address(), "60s")) {
                Observer observer = new Observer();
                backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
                Await.until(observer::hasEnded);
                assertThat(observer.cause())
                        .isInstanceOf(AccessDeniedException.class)
                        .hasMessageContaining("refuses to let this user watch")
                        .hasMessageContaining("etcdserver: permission denied");
            }
        }
    }

    private static byte[] refused(byte[] message) {
        try {
            return WatchResponse.parseFrom(message).toBuilder()
                    .setCanceled(true)
                    .setCancelReason("rpc error: code = PermissionDenied desc = etcdserver: permission denied")
                    .build()
                    .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The answer to a watch is not understood.", e);
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
