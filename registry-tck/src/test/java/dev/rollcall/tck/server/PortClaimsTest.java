package dev.rollcall.tck.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortClaimsTest {
    /** Those of the build's other tests are not below this. */
    private static final int BEYOND = 12_000;

    private static final int LOWEST = 8_000;
    /** Other builds may try here what this one does, and each would find ports of the other taken. */
    private static final int OF_ONE_BUILD = 400;

    private static final int FEW = 20;

    @TempDir
    private Path directory;

    private static @Nullable FileChannel lock;
    private static int lowest;

    @BeforeAll
    static void findPorts() throws IOException {
        for (int first = LOWEST; first < BEYOND && lock == null; first += OF_ONE_BUILD) {
            String name = "rollcall-ports-" + System.getProperty("user.name") + "-tried-from-" + first;
            FileChannel file = FileChannel.open(Path.of(System.getProperty("java.io.tmpdir"), name), CREATE, WRITE);
            if (file.tryLock() != null && areFree(first)) {
                lock = file;
                lowest = first;
            } else {
                file.close();
            }
        }
        assertThat(lock).as("ports that nobody else tries or listens on").isNotNull();
    }

    private static boolean areFree(int first) {
        for (int port = first; port < first + OF_ONE_BUILD; port++) {
            try {
                new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    @AfterAll
    static void giveBack() throws IOException {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    private PortClaims claims(int blocks) {
        return new PortClaims(directory, lowest, lowest + 50 * blocks);
    }

    private static List<Integer> take(PortClaims claims, int count) {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ports.add(claims.take());
        }
        return ports;
    }

    @Test
    void noPortIsHandedOutTwiceUnlessItWasGivenBack() {
        PortClaims claims = claims(4);
        List<Integer> ports = take(claims, 200);
        assertThat(ports).doesNotHaveDuplicates();
        assertThatThrownBy(claims::take)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("No free port")
                .hasMessageContaining(directory.toString());
        claims.release(ports.get(7));
        claims.release(ports.get(7));
        claims.release(1);
        assertThat(claims.take()).isEqualTo(ports.get(7));
        assertThatThrownBy(claims::take).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void portThatWasGivenBackIsTheLastToBeHandedOutAgain() {
        PortClaims claims = claims(8);
        int port = claims.take();
        claims.release(port);
        assertThat(take(claims, 99)).doesNotContain(port);
    }

    @Test
    void portThatSomebodyListensOnIsPassedOver() throws IOException {
        PortClaims claims = claims(1);
        int port = claims.take();
        claims.release(port);
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(socket.isBound()).isTrue();
            assertThat(take(claims, 49)).doesNotContain(port);
            assertThatThrownBy(claims::take).isInstanceOf(IllegalStateException.class);
        }
        assertThat(claims.take()).isEqualTo(port);
    }

    @Test
    void claimsOfOneJvmShareNothing() {
        Set<Integer> ports = new HashSet<>(take(claims(6), FEW));
        ports.addAll(take(claims(6), FEW));
        assertThat(ports).hasSize(2 * FEW);
    }

    /** Says which ports it was given, and keeps them until it is killed. */
    public static final class Neighbour {
        public static void main(String[] arguments) throws InterruptedException {
            PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
            int lowest = Integer.parseInt(arguments[1]);
            PortClaims claims = new PortClaims(Path.of(arguments[0]), lowest, lowest + 300);
            for (int i = 0; i < FEW; i++) {
                out.println(claims.take());
            }
            Thread.currentThread().join();
        }
    }

    @Test
    void portsOfAnotherJvmAreLeftAloneUntilItEnds() throws IOException, InterruptedException {
        Process neighbour = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Neighbour.class.getName(),
                        directory.toString(),
                        String.valueOf(lowest))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Set<Integer> theirs = new HashSet<>();
            BufferedReader out = new BufferedReader(new InputStreamReader(neighbour.getInputStream(), UTF_8));
            for (int i = 0; i < FEW; i++) {
                theirs.add(Integer.valueOf(out.readLine()));
            }
            PortClaims ours = claims(6);
            // Nobody listens on theirs, and nevertheless there is nothing left but the blocks that they did not claim.
            assertThat(take(ours, 150)).doesNotContainAnyElementsOf(theirs);
            assertThatThrownBy(ours::take).isInstanceOf(IllegalStateException.class);
            neighbour.destroyForcibly().waitFor();
            assertThat(take(ours, 150)).containsAll(theirs);
        } finally {
            neighbour.destroyForcibly().waitFor();
        }
    }
}
