package dev.rollcall.tck.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client and an echo server, with the proxy between them. */
class TcpProxyTest {
    /** Only what hangs takes as long as this. */
    private static final Duration HANG = Duration.ofMinutes(1);

    private ServerSocket server;
    private Thread accepting;
    private TcpProxy proxy;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(FreePorts.find(), 50, InetAddress.getLoopbackAddress());
        accepting = new Thread(this::acceptAll, "echo-accept");
        accepting.setDaemon(true);
        accepting.start();
        proxy = TcpProxy.to(server.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread echo = new Thread(() -> echo(client), "echo");
                echo.setDaemon(true);
                echo.start();
            } catch (IOException e) {
                assertThat(server.isClosed()).isTrue();
            }
        }
    }

    private static void echo(Socket client) {
        try (client) {
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            // The proxy has broken the connection, as the test wanted.
            assertThat(e).isNotNull();
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout((int) HANG.toMillis());
        return socket;
    }

    /** The thread that passes bytes on in one direction of the connection that there is. */
    private Thread pump(String direction) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(proxy.name() + "-" + direction + "-1"))
                .findFirst()
                .orElseThrow();
    }

    private static void assertEchoes(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes("US-ASCII"));
        assertThat(read(socket, text.length())).isEqualTo(text);
    }

    private static String read(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), "US-ASCII");
    }

    private static void assertBroken(Socket socket) {
        assertThatThrownBy(() -> {
                    while (socket.getInputStream().read() >= 0) {
                        Thread.onSpinWait();
                    }
                    throw new SocketException("closed without a reset");
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void passesEverythingOnAndCounts() throws IOException {
        try (Socket socket = connect()) {
            assertEchoes(socket, "hello");
            assertThat(proxy.accepted()).isEqualTo(1);
            assertThat(proxy.connections()).isEqualTo(1);
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            // Bytes are counted once they have left, so an answer may be here before it is counted; the end comes after
            // both.
            assertThat(proxy.passed(Direction.REQUESTS)).isEqualTo(5);
            assertThat(proxy.passed(Direction.REPLIES)).isEqualTo(5);
        }
    }

    @Test
    void cutResetsAndNewConnectionsAreServed() throws IOException {
        try (Socket socket = connect()) {
            assertEchoes(socket, "hello");
            proxy.cut();
            assertBroken(socket);
            assertThat(proxy.connections()).isZero();
        }
        try (Socket socket = connect()) {
            assertEchoes(socket, "again");
        }
    }

    @Test
    void refusesUntilItAcceptsAgainOnTheSamePort() throws IOException {
        for (int round = 0; round < 20; round++) {
            proxy.refuse();
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            proxy.accept();
            try (Socket socket = connect()) {
                assertEchoes(socket, "hello");
            }
        }
    }

    @Test
    void stalledDirectionHoldsBytesBackAndLosesNone() throws IOException {
        try (Socket socket = connect()) {
            assertEchoes(socket, "a");
            proxy.stall(Direction.REPLIES);
            socket.getOutputStream().write('b');
            // Once it waits, the answer has come as far as it can; a thread that reads from a socket is not said to
            // wait.
            Awaitility.await().atMost(HANG).until(() -> pump("replies").getState() == Thread.State.WAITING);
            assertThat(proxy.passed(Direction.REPLIES)).isEqualTo(1);
            assertThat(socket.getInputStream().available()).isZero();
            // The other thread counts a byte once it has left, which may be after the answer to it has come.
            Awaitility.await().atMost(HANG).until(() -> proxy.passed(Direction.REQUESTS) == 2);
            proxy.flow();
            assertThat(read(socket, 1)).isEqualTo("b");
            proxy.stall(Direction.REQUESTS, Direction.REPLIES);
            proxy.cut();
            assertBroken(socket);
        }
    }

    @Test
    void cutsAfterExactlySoManyBytes() throws IOException {
        try (Socket socket = connect()) {
            proxy.cutAfter(Direction.REQUESTS, 3);
            socket.getOutputStream().write("hello".getBytes("US-ASCII"));
            assertBroken(socket);
            assertThat(proxy.passed(Direction.REQUESTS)).isEqualTo(3);
        }
        try (Socket socket = connect()) {
            assertEchoes(socket, "the fault was for once");
        }
    }

    @Test
    void delayAndThrottleTakeTime() throws IOException {
        try (Socket socket = connect()) {
            proxy.delay(Duration.ofMillis(50));
            long begun = System.nanoTime();
            assertEchoes(socket, "slow");
            assertThat(System.nanoTime() - begun)
                    .isGreaterThan(Duration.ofMillis(95).toNanos());
            proxy.flow();
            proxy.throttle(10_000);
            begun = System.nanoTime();
            assertEchoes(socket, "x".repeat(2_000));
            assertThat(System.nanoTime() - begun)
                    .isGreaterThan(Duration.ofMillis(150).toNanos());
        }
    }

    @Test
    void tapSeesBytesAndMaySwallowThem() throws IOException {
        proxy.tap(() -> (direction, bytes, length) -> {
            if (direction == Direction.REPLIES && bytes[0] == '!') {
                return Tap.Verdict.CUT;
            }
            return direction == Direction.REPLIES && bytes[0] == '.' ? Tap.Verdict.PASS_AND_CUT : Tap.Verdict.PASS;
        });
        try (Socket socket = connect()) {
            assertEchoes(socket, "a");
            socket.getOutputStream().write('!');
            assertBroken(socket);
            assertThat(proxy.passed(Direction.REPLIES)).isEqualTo(1);
        }
        try (Socket socket = connect()) {
            socket.getOutputStream().write('.');
            assertBroken(socket);
            assertThat(proxy.passed(Direction.REPLIES)).isEqualTo(2);
        }
    }

    @Test
    void serverThatIsDownBreaksTheConnection() throws IOException, InterruptedException {
        server.close();
        // Until the thread that waits at the port has left, the kernel goes on taking connections for it.
        accepting.join(HANG.toMillis());
        assertThat(accepting.isAlive()).isFalse();
        try (Socket socket = connect()) {
            assertBroken(socket);
        } catch (SocketException e) {
            // The reset may come before connect() has returned.
            assertThat(e).hasMessageContaining("reset");
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
