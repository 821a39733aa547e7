package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.support.BatchQueue;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A step that fails fails its own operation, and holds up no other. No operation here ends by its deadline. */
class DispatcherTest {
    /** As many as may be under way at a time: were they never to end, nothing would be sent any more. */
    private static final int UNDER_WAY = 2;

    private static final Duration NEVER = Duration.ofHours(1);

    private EtcdServer server;
    private GrpcRelay relay;
    private Dispatching dispatching;

    @BeforeEach
    void open() {
        server = EtcdServer.start(EtcdBinary.underTest());
        relay = GrpcRelay.to(server.port());
        dispatching = Dispatching.to("etcd://" + relay.address() + "/dispatched?timeout=1h", NEVER);
        Await.result(read());
    }

    @AfterEach
    void close() {
        dispatching.close();
        relay.close();
        server.close();
    }

    private static RuntimeException madeUp() {
        return new IllegalStateException("made up by a test");
    }

    private static EtcdRequest<RangeRequest, RangeResponse> request(PendingCall<Boolean> call, String key) {
        RangeRequest question =
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
        return EtcdRequest.<RangeRequest, RangeResponse>read(
                        call, KVGrpc.getRangeMethod(), question, answer -> call.complete(true))
                .with(BatchForm.of(question, (revision, part) -> call.complete(true)));
    }

    private static EtcdRequest<RangeRequest, RangeResponse> writeLike(PendingCall<Boolean> call, Runnable mayLeave) {
        RangeRequest question =
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
        BatchForm form = new BatchForm(
                RequestOp.newBuilder().setRequestRange(question).build(),
                null,
                Map.of(Key.of("/k"), BatchQueue.Claim.READ),
                false,
                (revision, part) -> call.complete(true));
        return new EtcdRequest<>(
                call,
                KVGrpc.getRangeMethod(),
                question,
                true,
                () -> {
                    mayLeave.run();
                    return true;
                },
                () -> {},
                answer -> call.complete(true),
                status -> false,
                form);
    }

    private CompletableFuture<Boolean> read() {
        PendingCall<Boolean> call = dispatching.begin(false);
        dispatching.send(request(call, "k"));
        return call.future();
    }

    private static void hasFailed(PendingCall<Boolean> call) {
        assertThatThrownBy(() -> Await.result(call.future()))
                .isInstanceOf(KvException.class)
                .hasMessageContaining("made up by a test");
    }

    @Test
    void failureThatCannotBeTaken() {
        relay.script(method -> Status.INVALID_ARGUMENT);
        List<PendingCall<Boolean>> failing = new ArrayList<>();
        for (int i = 0; i < UNDER_WAY; i++) {
            PendingCall<Boolean> call = dispatching.begin(false);
            dispatching.send(request(call, "k").unless(status -> {
                throw madeUp();
            }));
            failing.add(call);
        }
        failing.forEach(DispatcherTest::hasFailed);
        relay.script(method -> GrpcRelay.PASS);
        assertThat(Await.result(read())).isTrue();
    }

    @Test
    void requestThatCannotLeave() {
        List<PendingCall<Boolean>> failing = new ArrayList<>();
        for (int i = 0; i < UNDER_WAY; i++) {
            PendingCall<Boolean> call = dispatching.begin(false);
            dispatching.send(request(call, "k").leaving(() -> {
                throw madeUp();
            }));
            failing.add(call);
        }
        failing.forEach(DispatcherTest::hasFailed);
        assertThat(Await.result(read())).isTrue();
    }

    @Test
    void batchWhoseAnswerIsTooShort() {
        CountDownLatch together = new CountDownLatch(1);
        AtomicInteger held = new AtomicInteger();
        relay.replies((method, message) -> {
            if (method.endsWith("/Range")) {
                held.incrementAndGet();
                awaitUninterrupted(together);
            }
            return method.endsWith("/Txn") ? withoutParts(message) : message;
        });
        List<PendingCall<Boolean>> first = new ArrayList<>();
        for (int i = 0; i < UNDER_WAY; i++) {
            PendingCall<Boolean> call = dispatching.begin(false);
            dispatching.send(request(call, "k"));
            first.add(call);
        }
        Await.until(() -> held.get() > 0);
        List<PendingCall<Boolean>> batch = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            PendingCall<Boolean> call = dispatching.begin(false);
            dispatching.send(request(call, "k" + i));
            batch.add(call);
        }
        // Comes after all of them, and so do the answers.
        PendingCall<Boolean> alone = dispatching.begin(false);
        dispatching.send(request(alone, "k").with(null).leaving(together::countDown));
        for (PendingCall<Boolean> call : batch) {
            assertThatThrownBy(() -> Await.result(call.future())).isInstanceOf(KvException.class);
        }
        first.forEach(call -> assertThat(Await.result(call.future())).isTrue());
        relay.replies((method, message) -> message);
        assertThat(Await.result(read())).isTrue();
    }

    @Test
    void requestThatCannotSayWhetherItMayLeave() {
        CountDownLatch together = new CountDownLatch(1);
        AtomicInteger held = new AtomicInteger();
        relay.replies((method, message) -> {
            held.incrementAndGet();
            awaitUninterrupted(together);
            return message;
        });
        List<PendingCall<Boolean>> first = new ArrayList<>();
        for (int i = 0; i < UNDER_WAY; i++) {
            PendingCall<Boolean> call = dispatching.begin(true);
            dispatching.send(writeLike(call, () -> {}));
            first.add(call);
        }
        Await.until(() -> held.get() > 0);
        AtomicInteger looks = new AtomicInteger();
        PendingCall<Boolean> failing = dispatching.begin(true);
        dispatching.send(writeLike(failing, () -> {
            // It may when it arrives, and has to wait.
            if (looks.incrementAndGet() == 2) {
                throw madeUp();
            }
        }));
        PendingCall<Boolean> beside = dispatching.begin(true);
        dispatching.send(writeLike(beside, () -> {}));
        PendingCall<Boolean> alone = dispatching.begin(false);
        dispatching.send(request(alone, "k").with(null).leaving(together::countDown));
        hasFailed(failing);
        first.forEach(call -> assertThat(Await.result(call.future())).isTrue());
        assertThat(Await.result(beside.future())).isTrue();
    }

    private static byte[] withoutParts(byte[] message) {
        try {
            return TxnResponse.parseFrom(message).toBuilder()
                    .clearResponses()
                    .build()
                    .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The answer to a batch is not understood.", e);
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All that depends on the connection is asked once, when it is made: it is a call without its reply that makes it be asked again. */
    @Test
    void memberThatDoesNotAnswerIsSuspectedAndLeft() {
        try (GrpcRelay hanging = GrpcRelay.to(server.port());
                GrpcRelay well = GrpcRelay.to(server.port());
                Dispatching own = Dispatching.to(
                        "etcd://" + hanging.address() + "," + well.address() + "/suspected?timeout=2s", NEVER)) {
            AtomicInteger served = new AtomicInteger();
            hanging.script(method -> {
                served.incrementAndGet();
                return GrpcRelay.PASS;
            });
            PendingCall<Boolean> before = own.begin(false);
            own.send(request(before, "k"));
            Await.result(before.future());
            // Both were tried, and only the one in use is asked more than whether it serves.
            boolean uses = served.get() > 1;
            (uses ? hanging : well).script(method -> GrpcRelay.HANG);
            (uses ? well : hanging).script(method -> GrpcRelay.PASS);
            // Those that wait for the member end by their deadline, and one that comes after it is left does not.
            Await.until(() -> {
                PendingCall<Boolean> call = own.begin(false);
                own.send(request(call, "k"));
                return Await.result(call.future().handle((done, failure) -> failure == null));
            });
        }
    }
}
