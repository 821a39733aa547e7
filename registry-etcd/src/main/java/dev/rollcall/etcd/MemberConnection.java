package dev.rollcall.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one member. Once it is lost it is never used again, so that no request waits for a connection that only looks alive. Confined to the
 * {@link IoLoop}.
 */
final class MemberConnection {
    /** Large enough for any page of a list that was asked for in good measure, small enough to refuse one that was not. */
    static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    static {
        GrpcChatter.quiet();
    }

    private final Endpoint endpoint;
    private final InetSocketAddress address;
    private final ManagedChannel channel;
    /** What the application has put around each call, or null. */
    private final @Nullable Interceptors interceptors;

    /** Reads that are under way here; they go elsewhere when the connection is lost. */
    private final Set<ClientCall<?, ?>> reads = new HashSet<>();

    private Runnable retired = () -> {};
    private long lastServed = System.nanoTime();
    private long lastAgreed = lastServed;

    /**
     * What all connections of a handle share.
     *
     * @param blocking runs what may block, and code of the application
     * @param resolver knows the addresses of the members
     */
    record Setup(
            IoLoop loop,
            Executor blocking,
            @Nullable TlsContexts tls,
            EtcdOptions.Connecting connecting,
            Endpoint.Resolver resolver) {}

    /** Begins to connect to {@code endpoint}, at one of its addresses. */
    MemberConnection(Setup setup, Endpoint endpoint, InetSocketAddress address) {
        this.endpoint = endpoint;
        this.address = address;
        EtcdOptions.Connecting connecting = setup.connecting();
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address)
                .overrideAuthority(connecting.authority() == null ? endpoint.authority() : connecting.authority())
                .eventLoopGroup(setup.loop().group())
                .channelType(NioSocketChannel.class)
                .directExecutor()
                // Whether to send again is decided by the sender, who knows what was a write.
                .disableRetry()
                .disableServiceConfigLookUp()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                // A connection is given up by evidence, see Members; it never goes idle by itself.
                .idleTimeout(1, TimeUnit.DAYS);
        EtcdOptions.Pings pings = connecting.pings();
        if (pings != null) {
            builder.keepAliveTime(pings.interval().toMillis(), TimeUnit.MILLISECONDS)
                    .keepAliveTimeout(pings.patience().toMillis(), TimeUnit.MILLISECONDS)
                    .keepAliveWithoutCalls(pings.withoutCalls());
        }
        TlsContexts tls = setup.tls();
        if (tls == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(tls.context());
        }
        this.channel = builder.build();
        this.interceptors = connecting.interceptors().isEmpty()
                ? null
                : new Interceptors(connecting.interceptors(), setup.loop(), setup.blocking());
    }

    /** The member. */
    Endpoint endpoint() {
        return endpoint;
    }

    /** A call that has not begun. */
    <Q, A> ClientCall<Q, A> call(MethodDescriptor<Q, A> method, CallOptions options) {
        return interceptors == null ? channel.newCall(method, options) : interceptors.call(channel, method, options);
    }

    /** The headers of a call: whom it is from, if that is known, and that it is pointless at a member without a leader. */
    static Metadata headers(@Nullable String token) {
        Metadata headers = new Metadata();
        headers.put(HAS_LEADER, "true");
        if (token != null) {
            headers.put(TOKEN, token);
        }
        return headers;
    }

    /** Calls {@code lost} once, when the connection that is up now is closed. */
    void onClosed(Runnable lost) {
        channel.notifyWhenStateChanged(ConnectivityState.READY, lost);
    }

    /** Whether the connection is up, as far as one end can know. */
    boolean isReady() {
        return channel.getState(false) == ConnectivityState.READY;
    }

    /** Calls {@code action} at the end of {@link #retire}. */
    void onRetired(Runnable action) {
        retired = action;
    }

    /** Takes note that the member has just answered what takes the agreement of its cluster, or the state that it keeps. */
    void served() {
        lastServed = System.nanoTime();
    }

    /** Takes note that the member has just answered a linearizable read. */
    void agreed() {
        lastAgreed = System.nanoTime();
    }

    /** Whether it has answered one since this moment of {@link System#nanoTime()}. */
    boolean hasAgreedSince(long moment) {
        return lastAgreed - moment > 0;
    }

    /** How long the member has not served; what it says on streams does not count, since a member that is half alive says it too. */
    long silentNanos() {
        return System.nanoTime() - lastServed;
    }

    /** Takes note of a read, which is cancelled when the connection is lost. */
    void begun(ClientCall<?, ?> read) {
        reads.add(read);
    }

    /** The read has ended. */
    void ended(ClientCall<?, ?> read) {
        reads.remove(read);
    }

    /** Takes nothing new and cancels the reads under way; writes may still be answered until their deadline. */
    void retire() {
        channel.shutdown();
        for (ClientCall<?, ?> read : List.copyOf(reads)) {
            read.cancel("The member does not answer.", null);
        }
        retired.run();
    }

    /** Breaks off everything. */
    void kill() {
        channel.shutdownNow();
    }

    /** Whether the channel has ended for good. */
    boolean isTerminated() {
        return channel.isTerminated();
    }

    @Override
    public String toString() {
        return endpoint.isLiteral()
                ? endpoint.toString()
                : endpoint + " (" + address.getAddress().getHostAddress() + ")";
    }
}
