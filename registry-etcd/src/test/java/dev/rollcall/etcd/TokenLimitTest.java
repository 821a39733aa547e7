package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A password file that takes for ever to read. */
class TokenLimitTest {
    @Test
    void nobodyWaitsLongerThanTheLimitForAFileThatIsBeingRead() {
        IoLoop loop = new IoLoop();
        List<Runnable> readings = new ArrayList<>();
        Tokens tokens =
                new Tokens(loop, readings::add, Credentials.inFile("user", Path.of("password")), Duration.ofMinutes(1));
        EtcdOptions options = EtcdOptions.of(BackendUrl.parse("etcd://127.0.0.1:2379/limit"));
        MemberConnection.Setup setup =
                new MemberConnection.Setup(loop, readings::add, null, options.connecting(), InetAddress::getAllByName);
        MemberConnection connection = new MemberConnection(
                setup, Endpoint.of("127.0.0.1:2379"), new InetSocketAddress(InetAddress.getLoopbackAddress(), 2379));
        try {
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Refusal> told = new CompletableFuture<>();
                loop.execute(() -> tokens.renew(connection, null, Duration.ofMillis(20), told::complete));
                assertThat(Await.result(told).kind()).isEqualTo(Refusal.Kind.UNREACHABLE);
            }
            // One thread is enough to wait for it.
            assertThat(readings).hasSize(1);
        } finally {
            connection.kill();
            loop.close();
        }
    }
}
