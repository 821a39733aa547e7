package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.outage.DeniedViewSuite;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthRoleRevokePermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A permission is taken away and given back. A watch that runs goes on without it, so its connection is cut. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdDeniedViewTest extends DeniedViewSuite {
    private static final ByteString FROM = EtcdAdmin.bytes("/secure/");
    private static final ByteString TO = EtcdAdmin.bytes("/secure0");

    private final EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
    private final TcpProxy proxy = TcpProxy.to(server.port());

    @BeforeAll
    void switchOn() {
        AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(server.admin().channel());
        for (String name : List.of("root", "app")) {
            auth.userAdd(AuthUserAddRequest.newBuilder()
                    .setName(name)
                    .setPassword("s3cret")
                    .build());
            auth.roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
            auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                    .setUser(name)
                    .setRole(name)
                    .build());
        }
        permit(auth);
        TokenTest.switchOn(server);
    }

    @AfterAll
    void stop() {
        proxy.close();
        server.close();
    }

    private static void permit(AuthGrpc.AuthBlockingStub auth) {
        auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName("app")
                .setPerm(Permission.newBuilder()
                        .setPermType(Permission.Type.READWRITE)
                        .setKey(FROM)
                        .setRangeEnd(TO))
                .build());
    }

    @Override
    protected KvBackend open() {
        return KvBackends.open("etcd://app:s3cret@" + proxy.address() + "/secure?timeout=60s");
    }

    @Override
    protected void deny() {
        TokenTest.asRoot(server, "s3cret")
                .roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole("app")
                        .setKey(FROM)
                        .setRangeEnd(TO)
                        .build());
        proxy.cut();
    }

    @Override
    protected void allow() {
        permit(TokenTest.asRoot(server, "s3cret"));
    }
}
