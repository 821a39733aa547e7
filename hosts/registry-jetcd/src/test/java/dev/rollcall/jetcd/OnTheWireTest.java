package dev.rollcall.jetcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server sees of headers, authority and interceptors: one that only takes passwords, and notes each call. */
class OnTheWireTest {
    private static final String AUTHENTICATE = "etcdserverpb.Auth/Authenticate";
    private static final String RANGE = "etcdserverpb.KV/Range";

    private record Seen(String method, String authority, Metadata headers) {
        String header(String name) {
            return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
        }
    }

    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private Server server;

    @BeforeEach
    void startServer() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new AuthGrpc.AuthImplBase() {
                    @Override
                    public void authenticate(
                            AuthenticateRequest question, StreamObserver<AuthenticateResponse> answer) {
                        answer.onNext(AuthenticateResponse.newBuilder()
                                .setToken("token-of-" + question.getName())
                                .build());
                        answer.onCompleted();
                    }
                })
                .addService(new io.etcd.jetcd.api.KVGrpc.KVImplBase() {})
                .intercept(new ServerInterceptor() {
                    @Override
                    public <Q, A> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                        seen.add(
                                new Seen(call.getMethodDescriptor().getFullMethodName(), call.getAuthority(), headers));
                        return next.startCall(call, headers);
                    }
                })
                .build()
                .start();
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
    }

    private ClientBuilder builder() {
        return Client.builder().endpoints("http://127.0.0.1:" + server.getPort());
    }

    /** The first call of this method. */
    private Seen first(String method) throws InterruptedException {
        Seen next = seen.poll(60, TimeUnit.SECONDS);
        while (next != null && !next.method().equals(method)) {
            next = seen.poll(60, TimeUnit.SECONDS);
        }
        assertThat(next).as(method).isNotNull();
        return next;
    }

    private static KvBackend open(ClientBuilder builder) {
        return JetcdStores.open(builder, Directory.ROOT, Duration.ofSeconds(5));
    }

    @Test
    void headersGoWithEachCallAndThoseOfAuthenticationWithThatOne() throws InterruptedException {
        ClientBuilder builder = builder()
                .user(bytes("app"))
                .password(bytes("s3cret"))
                .authority("front")
                .header("tenant", "blue")
                .authHeader("realm", "north");
        try (KvBackend ignored = open(builder)) {
            Seen login = first(AUTHENTICATE);
            assertThat(login.header("tenant")).isEqualTo("blue");
            assertThat(login.header("realm")).isEqualTo("north");
            assertThat(login.authority()).isEqualTo("front");
            Seen read = first(RANGE);
            assertThat(read.header("tenant")).isEqualTo("blue");
            assertThat(read.header("realm")).isNull();
            assertThat(read.header("token")).isEqualTo("token-of-app");
            assertThat(read.authority()).isEqualTo("front");
        }
    }

    @Test
    void interceptorsSeeCallsInTheOrderOfJetcd() throws InterruptedException {
        List<String> order = new CopyOnWriteArrayList<>();
        ClientBuilder builder = builder()
                .user(bytes("app"))
                .password(bytes("s3cret"))
                .interceptor(noting(order, "first"), noting(order, "last"))
                .authInterceptors(noting(order, "auth"));
        try (KvBackend ignored = open(builder)) {
            first(RANGE);
        }
        // A member that does not answer in time is asked again, so a call may be there twice.
        assertThat(new LinkedHashSet<>(order))
                .startsWith(
                        "auth " + AUTHENTICATE,
                        "last " + AUTHENTICATE,
                        "first " + AUTHENTICATE,
                        "last " + RANGE,
                        "first " + RANGE);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static ClientInterceptor noting(List<String> order, String name) {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                order.add(name + " " + method.getFullMethodName());
                return next.newCall(method, options);
            }
        };
    }
}
