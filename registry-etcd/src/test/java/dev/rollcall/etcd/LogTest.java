package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.server.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What an operator reads of a connection and of leases: one line for each change that lasts, however often it is made. */
class LogTest {
    private static final int LEASES = 50;
    /** So many connections in a row that do not last are told of one by one. */
    private static final int BRIEF = 3;

    @TempDir
    Path folder;

    /** How many lines are of no interest any more. */
    private int told;

    /** Holds leases until its process is ended. */
    static final class Holder {
        public static void main(String[] arguments) {
            KvBackend backend = KvBackends.open(arguments[0]);
            List<CompletableFuture<Lease>> grants = new ArrayList<>();
            for (int i = Integer.parseInt(arguments[1]); i > 0; i--) {
                grants.add(backend.grantLease(Duration.ofSeconds(15)));
            }
            // Kept, as an application keeps them.
            List<Lease> leases = grants.stream().map(Await::result).toList();
            LoggerFactory.getLogger(Holder.class).info("holds {}", leases.size());
            Await.result(new CompletableFuture<Void>());
        }
    }

    private List<String> lines() {
        try {
            List<String> all = Files.readAllLines(folder.resolve("log"));
            return all.subList(told, all.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long count(String part) {
        return lines().stream().filter(line -> line.contains(part)).count();
    }

    private void withHolder(TcpProxy proxy, int leases, Runnable test) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dorg.slf4j.simpleLogger.log.dev.rollcall=info",
                "-Dorg.slf4j.simpleLogger.showThreadName=false",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                "etcd://" + proxy.address() + "/log?timeout=2m",
                "" + leases);
        try {
            Process holder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            try {
                test.run();
            } finally {
                holder.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void outageInWhichAllLeasesAreLost() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                TcpProxy proxy = TcpProxy.to(server.port())) {
            withHolder(proxy, LEASES, () -> {
                Await.until(() -> count("holds " + LEASES) == 1);
                // A machine that is slow to connect may have said so.
                told = lines().size();
                proxy.refuse();
                proxy.cut();
                Await.until(() -> count(" more leases are lost: ") > 0 && count("no member can be used") > 0);
                assertThat(lines())
                        .filteredOn(line -> line.contains("disconnected from"))
                        .singleElement()
                        .asString()
                        .contains("closed the connection");
                assertThat(lines())
                        .filteredOn(line -> line.matches(".* lease [0-9a-f]+ is lost: .*"))
                        .singleElement()
                        .asString()
                        .contains("it could not be renewed within its ttl of 15 s");
                proxy.accept();
                Await.until(() -> count(": connected to ") == 1);
                assertThat(count("no member can be used")).isEqualTo(1);
                // They end within a third of the ttl, give or take what the processor makes of that.
                assertThat(count(" more leases are lost: ")).isLessThan(LEASES / 5);
            });
        }
    }

    @Test
    void connectionsThatDoNotLast() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                TcpProxy proxy = TcpProxy.to(server.port())) {
            withHolder(proxy, 0, () -> {
                for (int round = 1; round <= BRIEF; round++) {
                    int connected = round;
                    Await.until(() -> count(": connected to ") == connected);
                    proxy.cut();
                    Await.until(() -> count(": disconnected from ") == connected);
                }
                for (int round = 0; round < 20; round++) {
                    int known = proxy.accepted();
                    proxy.cut();
                    Await.until(() -> proxy.accepted() > known);
                }
                // The last one stays.
                Await.until(() -> count(": connected to ") > BRIEF);
                assertThat(lines())
                        .filteredOn(line -> line.contains(": connected to "))
                        .last()
                        .asString()
                        .contains("in a row that did not last");
                assertThat(lines())
                        .filteredOn(line -> line.contains(": disconnected from "))
                        .hasSize(BRIEF)
                        .last()
                        .asString()
                        .contains("connections do not last");
            });
        }
    }
}
