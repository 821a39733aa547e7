package dev.rollcall.etcd;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.outage.PartialUserSuite;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A user whose role has one prefix. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdPartialUserTest extends PartialUserSuite {
    private final EtcdServer server = EtcdServer.start(EtcdBinary.underTest());

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
        auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName("app")
                .setPerm(Permission.newBuilder()
                        .setPermType(Permission.Type.READWRITE)
                        .setKey(EtcdAdmin.bytes(MINE.rangeStart()))
                        .setRangeEnd(EtcdAdmin.bytes(MINE.rangeEnd())))
                .build());
        server.admin().put(THEIRS.path(), "secret");
        TokenTest.switchOn(server);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected KvBackend open() {
        return KvBackends.open("etcd://app:s3cret@" + server.address() + "?timeout=60s");
    }

    @Override
    protected void writeTheirs() {
        // Before there were users.
    }
}
