package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Interceptors of the application, the well-behaved and the others, on a real server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InterceptorsTest {
    private static final Key KEY = Key.of("/k");

    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private KvBackend open(String prefix, Duration timeout, ClientInterceptor... interceptors) {
        return open(server.address(), prefix, timeout, interceptors);
    }

    private static KvBackend open(String address, String prefix, Duration timeout, ClientInterceptor... interceptors) {
        return EtcdBackendBuilder.at(List.of(address))
                .prefix(prefix)
                .timeout(timeout)
                .interceptors(List.of(interceptors))
                .open();
    }

    /** An interceptor whose form is left to {@code wrap}. */
    private interface Wrap {
        <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next);
    }

    private static ClientInterceptor of(Wrap wrap) {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                return wrap.call(method, options, next);
            }
        };
    }

    private static boolean writes(MethodDescriptor<?, ?> method) {
        return Set.of("etcdserverpb.KV/Put", "etcdserverpb.KV/Txn").contains(method.getFullMethodName());
    }

    private long timesWritten(String prefix) {
        return server.admin().entries(prefix + "/").get(0).getVersion();
    }

    @Test
    void theyRunOnThreadsForCodeOfTheApplication() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        ClientInterceptor noting = of(new Wrap() {
            @Override
            public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                threads.add(Thread.currentThread().getName());
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<A> listener, Metadata headers) {
                        threads.add(Thread.currentThread().getName());
                        super.start(
                                new SimpleForwardingClientCallListener<>(listener) {
                                    @Override
                                    public void onMessage(A message) {
                                        threads.add(Thread.currentThread().getName());
                                        super.onMessage(message);
                                    }
                                },
                                headers);
                    }
                };
            }
        });
        try (KvBackend backend = open("/threads", Duration.ofSeconds(60), noting)) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            long revision = Await.result(backend.put(KEY, Bytes.ofUtf8("v"))).revision();
            Await.until(() -> observer.revision() >= revision);
            assertThat(observer.breaches()).isEmpty();
        }
        assertThat(threads).isNotEmpty().allMatch(name -> name.contains("-callback-"));
    }

    @Test
    void oneThatFailsIsNamedAndMayRecover() {
        AtomicBoolean broken = new AtomicBoolean(true);
        ClientInterceptor failing = of(new Wrap() {
            @Override
            public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                if (broken.get()) {
                    throw new IllegalStateException("no ticket");
                }
                return next.newCall(method, options);
            }
        });
        try (KvBackend backend = open("/failing", Duration.ofSeconds(6), failing)) {
            Await.reason(backend);
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.ofUtf8("v"))))
                    .isInstanceOfSatisfying(
                            KvException.class,
                            failure -> assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED))
                    .hasMessageContainingAll("an interceptor of the application has failed", "no ticket");
            broken.set(false);
            Await.until(() -> !backend.put(KEY, Bytes.ofUtf8("v"))
                    .handle((done, failure) -> failure != null)
                    .get());
        }
    }

    /** Without the tracers of the call, a write that has left would be held for one that has not, and be sent again. */
    @Test
    void oneThatDropsTheOptionsOfACallDoesNotHideThatAWriteHasLeft() {
        AtomicReference<WriteTap.Order> order = new AtomicReference<>();
        ClientInterceptor dropping = of(new Wrap() {
            @Override
            public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                return next.newCall(method, CallOptions.DEFAULT);
            }
        });
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = open(proxy.address(), "/dropping", Duration.ofSeconds(30), dropping)) {
            proxy.tap(() -> new WriteTap(order));
            Await.result(backend.get(KEY));
            proxy.cut();
            Await.result(backend.get(KEY));
            order.set(WriteTap.Order.LOSE_ANSWER);
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.ofUtf8("v"))))
                    .isInstanceOfSatisfying(
                            KvException.class,
                            failure -> assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN));
            assertThat(timesWritten("/dropping")).isEqualTo(1);
        }
    }

    @Test
    void oneThatMakesACallTwiceIsRefused() {
        ClientInterceptor twice = of(new Wrap() {
            @Override
            public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                next.newCall(method, options);
                return next.newCall(method, options);
            }
        });
        try (KvBackend backend = open("/twice", Duration.ofSeconds(6), twice)) {
            Await.reason(backend);
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.ofUtf8("v"))))
                    .hasMessageContaining("has made a call twice");
        }
    }

    @Test
    void onesThatNeverLetAWriteGoHoldUpNobodyElse() {
        AtomicBoolean swallowing = new AtomicBoolean(true);
        ClientInterceptor swallower = of(new Wrap() {
            @Override
            public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    private final boolean swallowed = writes(method) && swallowing.get();

                    @Override
                    public void start(Listener<A> listener, Metadata headers) {
                        if (!swallowed) {
                            super.start(listener, headers);
                        }
                    }

                    @Override
                    public void request(int messages) {
                        if (!swallowed) {
                            super.request(messages);
                        }
                    }

                    @Override
                    public void sendMessage(Q message) {
                        if (!swallowed) {
                            super.sendMessage(message);
                        }
                    }

                    @Override
                    public void halfClose() {
                        if (!swallowed) {
                            super.halfClose();
                        }
                    }
                };
            }
        });
        try (KvBackend backend = open("/swallowing", Duration.ofSeconds(6), swallower)) {
            List<CompletableFuture<?>> lost = Stream.of("/a", "/b", "/c", "/d")
                    .<CompletableFuture<?>>map(key -> backend.put(Key.of(key), Bytes.EMPTY))
                    .toList();
            for (CompletableFuture<?> each : lost) {
                assertThatThrownBy(() -> Await.result(each)).isInstanceOf(KvException.class);
            }
            Await.result(backend.get(KEY));
            swallowing.set(false);
            Await.until(() -> !backend.put(KEY, Bytes.EMPTY)
                    .handle((done, failure) -> failure != null)
                    .get());
        }
    }

    /** It ends the first write's call without sending it, and sends it when it was asked for again. */
    @Test
    void whatWasCalledOffIsNotSentLater() {
        AtomicBoolean first = new AtomicBoolean(true);
        CountDownLatch again = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        ClientInterceptor late = of(new Wrap() {
            @Override
            public <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                if (!writes(method)) {
                    return next.newCall(method, options);
                }
                if (!first.compareAndSet(true, false)) {
                    again.countDown();
                    return next.newCall(method, options);
                }
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<A> listener, Metadata headers) {
                        super.start(new ClientCall.Listener<>() {}, headers);
                        listener.onClose(Status.UNAVAILABLE.withDescription("called off"), new Metadata());
                    }

                    @Override
                    public void sendMessage(Q message) {
                        try {
                            again.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        super.sendMessage(message);
                    }

                    @Override
                    public void halfClose() {
                        // Which it may be told that it is not to do any more.
                        try {
                            super.halfClose();
                        } finally {
                            sent.countDown();
                        }
                    }
                };
            }
        });
        try (KvBackend backend = open("/late", Duration.ofSeconds(60), late)) {
            Await.result(backend.put(KEY, Bytes.ofUtf8("v")));
            Await.until(() -> sent.getCount() == 0);
            Await.result(backend.get(KEY));
            assertThat(timesWritten("/late")).isEqualTo(1);
        }
    }
}
