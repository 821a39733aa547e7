package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.rollcall.tck.server.ServerProcess;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A client that shares nothing with the backend: what an operator, or another program, does to the store. */
final class EtcdAdmin implements AutoCloseable {
    /** Who signs in. */
    record Account(String user, String password) {}

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private volatile @Nullable Account account;

    EtcdAdmin(int port) {
        this(port, null);
    }

    /** Trusts the certificates of {@code authority}, or uses no TLS if there is none. */
    EtcdAdmin(int port, @Nullable Path authority) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forAddress("127.0.0.1", port).maxInboundMessageSize(Integer.MAX_VALUE);
        if (authority == null) {
            builder.usePlaintext();
        } else {
            try {
                builder.sslContext(GrpcSslContexts.forClient()
                        .trustManager(authority.toFile())
                        .build());
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        }
        channel = builder.build();
    }

    /** Signs in for each of the calls that come, as long as the store has users. */
    void signInAs(Account known) {
        account = known;
    }

    /** Whoever signed in may do with users what this does. */
    AuthGrpc.AuthBlockingStub users() {
        channel.resetConnectBackoff();
        return signedIn(AuthGrpc.newBlockingStub(channel).withWaitForReady()).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private ClusterGrpc.ClusterBlockingStub cluster() {
        channel.resetConnectBackoff();
        return signedIn(ClusterGrpc.newBlockingStub(channel).withWaitForReady())
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** Lets a member join that has no vote, and returns its id. */
    long addLearner(String peerUrl) {
        return cluster()
                .memberAdd(MemberAddRequest.newBuilder()
                        .addPeerURLs(peerUrl)
                        .setIsLearner(true)
                        .build())
                .getMember()
                .getID();
    }

    /** Gives a learner a vote. */
    void promote(long member) {
        cluster().memberPromote(MemberPromoteRequest.newBuilder().setID(member).build());
    }

    void removeMember(long member) {
        cluster().memberRemove(MemberRemoveRequest.newBuilder().setID(member).build());
    }

    /** The members that the cluster counts. */
    List<Member> members() {
        return cluster().memberList(MemberListRequest.getDefaultInstance()).getMembersList();
    }

    private <S extends AbstractStub<S>> S signedIn(S stub) {
        return signedIn(stub, 20);
    }

    private <S extends AbstractStub<S>> S signedIn(S stub, int seconds) {
        Account known = account;
        if (known == null) {
            return stub;
        }
        Metadata headers = new Metadata();
        try {
            headers.put(
                    TOKEN,
                    AuthGrpc.newBlockingStub(channel)
                            .withWaitForReady()
                            .withDeadlineAfter(seconds, TimeUnit.SECONDS)
                            .authenticate(AuthenticateRequest.newBuilder()
                                    .setName(known.user())
                                    .setPassword(known.password())
                                    .build())
                            .getToken());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.FAILED_PRECONDITION) {
                // Nobody is asked for a password now.
                return stub;
            }
            throw e;
        }
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    ManagedChannel channel() {
        return channel;
    }

    private KVGrpc.KVBlockingStub kv() {
        // A server that was down for a while must not be waited for by a backoff of its former clients.
        channel.resetConnectBackoff();
        return signedIn(KVGrpc.newBlockingStub(channel).withWaitForReady()).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private LeaseGrpc.LeaseBlockingStub leases() {
        return LeaseGrpc.newBlockingStub(channel).withWaitForReady().withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** Waits until the server answers, and says what has become of it if it does not. */
    void awaitAnswer(ServerProcess process) {
        try {
            kv().withDeadlineAfter(60, TimeUnit.SECONDS)
                    .range(RangeRequest.newBuilder().setKey(bytes("x")).build());
        } catch (StatusRuntimeException e) {
            throw new IllegalStateException("The server does not answer: " + process.report(), e);
        }
    }

    long revision() {
        return kv().range(RangeRequest.newBuilder().setKey(bytes("x")).build())
                .getHeader()
                .getRevision();
    }

    long put(String key, String value) {
        return kv().put(PutRequest.newBuilder()
                        .setKey(bytes(key))
                        .setValue(bytes(value))
                        .build())
                .getHeader()
                .getRevision();
    }

    /** Every entry whose name starts with {@code prefix}; the prefix must end in a slash. */
    List<KeyValue> entries(String prefix) {
        String end = prefix.substring(0, prefix.length() - 1) + "0";
        return kv().range(RangeRequest.newBuilder()
                        .setKey(bytes(prefix))
                        .setRangeEnd(bytes(end))
                        .build())
                .getKvsList();
    }

    void compact(long revision) {
        kv().compact(CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(true)
                .build());
    }

    /** Gives the space of what is deleted back, and withdraws the alarm that there was none. */
    void makeRoom() {
        compact(revision());
        MaintenanceGrpc.MaintenanceBlockingStub maintenance =
                MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
        maintenance.defragment(DefragmentRequest.getDefaultInstance());
        maintenance.alarm(AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.DEACTIVATE)
                .setAlarm(AlarmType.NOSPACE)
                .setMemberID(status().getHeader().getMemberId())
                .build());
    }

    /** The ids of all leases; by hand, since jetcd's stubs do not know this call. */
    List<Long> leaseIds() {
        MethodDescriptor<Empty, Empty> method = MethodDescriptor.<Empty, Empty>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("etcdserverpb.Lease/LeaseLeases")
                .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
                .build();
        Empty answer = ClientCalls.blockingUnaryCall(
                channel,
                method,
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                Empty.getDefaultInstance());
        List<Long> ids = new ArrayList<>();
        for (ByteString lease : answer.getUnknownFields().getField(2).getLengthDelimitedList()) {
            try {
                ids.addAll(UnknownFieldSet.parseFrom(lease).getField(1).getVarintList());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("etcd's list of leases is not understood.", e);
            }
        }
        return ids;
    }

    void revoke(String hexId) {
        leases().leaseRevoke(LeaseRevokeRequest.newBuilder()
                .setID(Long.parseUnsignedLong(hexId, 16))
                .build());
    }

    private MaintenanceGrpc.MaintenanceBlockingStub maintenance(int seconds) {
        channel.resetConnectBackoff();
        // From 3.7 on, not everybody is told.
        return signedIn(MaintenanceGrpc.newBlockingStub(channel).withWaitForReady(), seconds)
                .withDeadlineAfter(seconds, TimeUnit.SECONDS);
    }

    /** Whether the member leads, as far as it knows; false if it does not say so within a second or two. */
    boolean leads() {
        try {
            StatusResponse status = maintenance(1).status(StatusRequest.getDefaultInstance());
            return status.getLeader() == status.getHeader().getMemberId();
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    StatusResponse status() {
        return maintenance(20).status(StatusRequest.getDefaultInstance());
    }

    static ByteString bytes(String text) {
        return ByteString.copyFrom(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
