package dev.rollcall.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stands between a client and etcd, and answers some calls by itself, or not at all. */
final class GrpcRelay implements AutoCloseable {
    /** Passes a call on. */
    static final Status PASS = Status.OK;
    /** Never answers a call. */
    static final Status HANG = Status.CANCELLED;

    private final ManagedChannel channel;
    private final Server server;
    private volatile Function<String, Status> script = method -> PASS;
    private volatile BiFunction<String, byte[], byte[]> replies = (method, message) -> message;

    private GrpcRelay(int target) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", target)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                    .fallbackHandlerRegistry(new Everything())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static GrpcRelay to(int port) {
        return new GrpcRelay(port);
    }

    int port() {
        return server.getPort();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** Says what becomes of a call, by its full name: {@link #PASS}, {@link #HANG}, or the status that it ends with. */
    void script(Function<String, Status> wanted) {
        script = wanted;
    }

    /** Says what a client gets instead of a message of etcd's, by the full name of the call; holds up the call as long as it takes. */
    void replies(BiFunction<String, byte[], byte[]> wanted) {
        replies = wanted;
    }

    @Override
    public void close() {
        server.shutdownNow();
        channel.shutdownNow();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class Everything extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
            MethodDescriptor<byte[], byte[]> method = MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName(name)
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();
            return ServerMethodDefinition.create(method, (call, headers) -> begin(method, call, headers));
        }
    }

    private ServerCall.Listener<byte[]> begin(
            MethodDescriptor<byte[], byte[]> method, ServerCall<byte[], byte[]> call, Metadata headers) {
        Status wanted = script.apply(method.getFullMethodName());
        call.request(Integer.MAX_VALUE);
        if (wanted.equals(HANG)) {
            return new ServerCall.Listener<>() {};
        }
        if (!wanted.equals(PASS)) {
            call.close(wanted, new Metadata());
            return new ServerCall.Listener<>() {};
        }
        ClientCall<byte[], byte[]> onward = channel.newCall(method, CallOptions.DEFAULT);
        onward.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onHeaders(Metadata answered) {
                        call.sendHeaders(answered);
                    }

                    @Override
                    public void onMessage(byte[] message) {
                        call.sendMessage(replies.apply(method.getFullMethodName(), message));
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        call.close(status, trailers);
                    }
                },
                headers);
        onward.request(Integer.MAX_VALUE);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
                onward.sendMessage(message);
            }

            @Override
            public void onHalfClose() {
                onward.halfClose();
            }

            @Override
            public void onCancel() {
                onward.cancel("The client has cancelled it.", null);
            }
        };
    }
}
