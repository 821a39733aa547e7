package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.WatchStart;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What etcd refuses because a user or a permission, anybody's, was changed while it was on its way. A relay answers so, since the moment cannot be met
 * otherwise; and to clients that are known by a certificate, which have no password to log in with, as to others.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthChangeTest {
    private static final String WORDS = "etcdserver: revision of auth store is old";
    private static final Status OLD = Status.INVALID_ARGUMENT.withDescription(WORDS);
    /** More than there are renewals of a token that is refused for itself. */
    private static final int REFUSALS = 6;

    private static final Key KEY = Key.of("/d/k");

    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger cancellations = new AtomicInteger();
    private EtcdServer server;
    private GrpcRelay relay;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @BeforeEach
    void openRelay() {
        relay = GrpcRelay.to(server.port());
        relay.script(method -> isAboutData(method) && takeOne(refusals) ? OLD : GrpcRelay.PASS);
        relay.replies((method, message) -> method.endsWith("/Watch") ? cancelled(message) : message);
        refusals.set(0);
        cancellations.set(0);
    }

    @AfterEach
    void closeRelay() {
        relay.close();
    }

    private static boolean takeOne(AtomicInteger left) {
        return left.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    private static boolean isAboutData(String method) {
        return method.contains(".KV/") || method.contains(".Lease/") || method.contains(".Watch/");
    }

    /** The same, or in place of the answer that a watch was created one that it was not. */
    private byte[] cancelled(byte[] message) {
        try {
            WatchResponse response = WatchResponse.parseFrom(message);
            return response.getCreated() && takeOne(cancellations)
                    ? response.toBuilder()
                            .setCanceled(true)
                            .setCancelReason(WORDS)
                            .build()
                            .toByteArray()
                    : message;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("An answer of etcd's is not understood.", e);
        }
    }

    private KvBackend open(String user, String timeout) {
        KvBackend backend = KvBackends.open("etcd://" + user + relay.address() + "/permissions?timeout=" + timeout);
        Await.until(() -> backend.connection().state() == ConnectionState.CONNECTED);
        Await.result(backend.get(KEY));
        return backend;
    }

    private <T> T refusedFirst(Supplier<T> operation) {
        refusals.set(REFUSALS);
        return operation.get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "app:secret@"})
    void operationsAreSentAgain(String user) {
        try (KvBackend backend = open(user, "60s")) {
            refusedFirst(() -> Await.result(backend.put(KEY, Bytes.ofUtf8("1"))));
            assertThat(refusedFirst(() -> Await.result(backend.get(KEY))).value())
                    .contains(Bytes.ofUtf8("1"));
            assertThat(refusedFirst(() -> Await.result(backend.list(Directory.ROOT)))
                            .entries())
                    .hasSize(1);
            Lease lease = refusedFirst(() -> Await.result(backend.grantLease(Duration.ofSeconds(60))));
            refusedFirst(() -> Await.result(backend.put(KEY, Bytes.ofUtf8("2"), lease)));
            refusedFirst(() -> Await.result(lease.revoke()));
            assertThat(Await.result(backend.get(KEY)).isPresent()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "app:secret@"})
    void watchesGoOn(String user) {
        try (KvBackend backend = open(user, "60s")) {
            cancellations.set(REFUSALS);
            refusals.set(REFUSALS);
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            Await.until(() -> (cancellations.get() == 0 && refusals.get() == 0) || observer.hasEnded());
            long revision = Await.result(backend.put(KEY, Bytes.ofUtf8("1"))).revision();
            Await.until(() -> observer.revision() >= revision || observer.hasEnded());
            assertThat(observer.cause()).isNull();
            assertThat(observer.hasEnded()).as("whether the watch has ended").isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "app:secret@"})
    void whatIsRefusedUntilTheDeadlineIsNotDenied(String user) {
        try (KvBackend backend = open(user, "6s")) {
            refusals.set(Integer.MAX_VALUE);
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.EMPTY)))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("revision of auth store is old")
                    .extracting(failure -> ((KvException) failure).outcome())
                    .isEqualTo(Outcome.NOT_APPLIED);
            refusals.set(0);
            Await.result(backend.put(KEY, Bytes.EMPTY));
        }
    }
}
