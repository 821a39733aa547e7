package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.rollcall.cli.DeniedVerbsSuite;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EtcdDeniedVerbsTest extends DeniedVerbsSuite {
    private final EtcdServer server = EtcdServer.start(EtcdBinary.underTest());

    /** Before the suite fills it. */
    @BeforeAll
    @Override
    protected void fill() throws InterruptedException {
        AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(server.admin().channel());
        for (String name : List.of("root", "reader")) {
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
        permit(auth, Permission.Type.READ, "/secure");
        permit(auth, Permission.Type.READ, "/almost");
        permit(auth, Permission.Type.READWRITE, "/almost/tidb-binlog/v1/.rollcall/demo");
        TokenTest.switchOn(server);
        super.fill();
    }

    /** For a key and all that is below it. */
    private static void permit(AuthGrpc.AuthBlockingStub auth, Permission.Type type, String path) {
        auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName("reader")
                .setPerm(Permission.newBuilder()
                        .setPermType(type)
                        .setKey(ByteString.copyFromUtf8(path))
                        .setRangeEnd(ByteString.copyFromUtf8(path + "0")))
                .build());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String as(String user, String prefix) {
        return "etcd://" + user + ":s3cret@" + server.address() + prefix + "?timeout=30s";
    }

    @Override
    protected String owners() {
        return as("root", "/secure");
    }

    @Override
    protected String readers() {
        return as("reader", "/secure");
    }

    @Override
    protected String strangers() {
        return as("reader", "/other");
    }

    @Override
    protected String reason() {
        return "this user has no permission for it";
    }

    /** What the demo writes first is permitted, and no node is: the refusal is each node's own. */
    @Test
    void aNodeOfTheDemoThatIsRefusedEndsIt() {
        assertThat(refused(as("reader", "/almost"), "demo --plain"))
                .singleElement()
                .asString()
                .contains("The demo's node pumps/");
    }
}
