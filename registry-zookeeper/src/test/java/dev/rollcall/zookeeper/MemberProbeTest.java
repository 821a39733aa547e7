package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a probe makes of a member that says nothing. */
class MemberProbeTest {
    private static final int PATIENCE_MILLIS = 30_000;

    /**
     * A server that refuses a certificate closes its connection; whether its alert or a reset arrives is chance, since the client writes already.
     * The reset alone must name TLS as well.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionThatBreaksByTlsIsSaidToBeTls(boolean reset) throws IOException, NoSuchAlgorithmException {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            end(server, reset);
            SSLContext context = SSLContext.getDefault();
            assertThat(new MemberProbe(() -> context, false)
                            .ask(address(server), PATIENCE_MILLIS)
                            .fault())
                    .contains("TLS");
        }
    }

    @Test
    void connectionThatBreaksWithoutTlsSaysNothingOfCertificates() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            end(server, true);
            assertThat(new MemberProbe(null, false)
                            .ask(address(server), PATIENCE_MILLIS)
                            .fault())
                    .doesNotContain("certificate");
        }
    }

    private static InetSocketAddress address(ServerSocket server) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    /** Ends the next connection after its first byte has come, by a reset or in order. */
    private static void end(ServerSocket server, boolean reset) {
        Thread thread = new Thread(
                () -> {
                    try (Socket accepted = server.accept()) {
                        accepted.getInputStream().read();
                        if (reset) {
                            accepted.setSoLinger(true, 0);
                        }
                    } catch (IOException e) {
                        // The test has closed its server, and fails by itself.
                    }
                },
                "member-that-says-nothing");
        thread.setDaemon(true);
        thread.start();
    }
}
