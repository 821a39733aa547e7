package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.server.FairClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What could keep a handle from its server for longer than needed. */
class ReconnectTest {
    private static final Duration AMPLE = Duration.ofMinutes(1);
    private static final MemberProbe WELL = new MemberProbe(null, false);

    @Test
    void serverThatTakesAConnectionAndSaysNothingIsTriedAgainLongBeforeTheSessionIsOver() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                KvBackend handle =
                        KvBackends.open("zookeeper://127.0.0.1:" + mute.getLocalPort() + "/mute?sessionTimeout=12s")) {
            assertThat(handle.name()).contains("/mute");
            mute.setSoTimeout(120_000);
            try (Socket first = mute.accept()) {
                CompletableFuture<Integer> next = CompletableFuture.supplyAsync(
                        () -> portOfNext(mute), task -> new Thread(task, "accepts-the-next").start());
                // A third of the session's timeout, and up to a second and a half of waiting.
                assertThat(FairClock.endsInTime(next, Duration.ofSeconds(8))).isTrue();
                assertThat(Await.result(next)).isNotEqualTo(first.getPort());
            }
        }
    }

    private static int portOfNext(ServerSocket mute) {
        try (Socket next = mute.accept()) {
            return next.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void lettingGoOfManySessionsDoesNotHoldUpOpeningOne() throws InterruptedException {
        ClientThreads clients = new ClientThreads();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch opened = new CountDownLatch(1);
        try {
            for (int i = 0; i < 100; i++) {
                clients.part(() -> awaitQuietly(free));
            }
            clients.open(opened::countDown);
            assertThat(opened.await(120, TimeUnit.SECONDS))
                    .as("whether a client is opened while a hundred are let go of")
                    .isTrue();
        } finally {
            free.countDown();
            clients.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 10000, 3",
        "3, 10000, 5",
        "3, 30000, 9",
        "5, 10000, 5",
        "1, 4000, 2",
        "5, 4000, 2",
        "1, 1600, 1",
        "5, 1600, 1"
    })
    void sessionLastsForSeveralAttemptsToConnectOfSomeSeconds(int members, int sessionMillis, int attempts) {
        List<String> hosts = Collections.nCopies(members, "host");
        assertThat(new Endpoints(hosts, sessionMillis, WELL, (made, reasons) -> {}).size())
                .isEqualTo(attempts);
    }

    @Test
    void eachAddressOfANameGetsItsTurnAndTheOneThatAnsweredKeepsIt() throws UnknownHostException {
        InetAddress dead = InetAddress.getByAddress("both", new byte[] {10, 0, 0, 1});
        InetAddress live = InetAddress.getByAddress("both", new byte[] {10, 0, 0, 2});
        Endpoints endpoints = new Endpoints(
                List.of("both:2181"), 10_000, name -> new InetAddress[] {dead, live}, WELL, (attempts, reasons) -> {});
        assertThat(endpoints.next(0).getAddress()).isEqualTo(dead);
        assertThat(endpoints.next(0).getAddress()).isEqualTo(live);
        endpoints.onConnected();
        assertThat(endpoints.next(0).getAddress()).isEqualTo(live);
        endpoints.onConnected();
        endpoints.suspect();
        assertThat(endpoints.next(0).getAddress()).isEqualTo(dead);
        assertThat(endpoints.addresses()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 60000, 15000, 4",
        "1, 60000, 30000, 3",
        "1, 60000, 1, 30",
        "1, 4000, 15000, 2",
        "9, 60000, 15000, 27"
    })
    void aLimitOnAttemptsMakesThemShorterAndNeverLonger(int members, int sessionMillis, int limit, int attempts) {
        Ensemble ensemble = Ensemble.of(Collections.nCopies(members, "host"));
        assertThat(new Endpoints(ensemble, sessionMillis, Duration.ofMillis(limit), WELL, (made, reasons) -> {}).size())
                .isEqualTo(attempts);
    }

    @Test
    void eachRoundOfAttemptsIsForTheMembersOfThen() {
        AtomicReference<List<String>> named = new AtomicReference<>(List.of("127.0.0.1:1", "127.0.0.1:2"));
        Ensemble ensemble = Ensemble.of(named::get, Runnable::run, AMPLE);
        Endpoints endpoints = new Endpoints(ensemble, 10_000, AMPLE, WELL, (made, reasons) -> {});
        assertThat(List.of(port(endpoints), port(endpoints))).containsExactlyInAnyOrder(1, 2);
        int again = port(endpoints);
        named.set(List.of("127.0.0.1:3", "127.0.0.1:4", "127.0.0.1:5"));
        assertThat(List.of(again, port(endpoints))).as("a round that has begun").containsExactlyInAnyOrder(1, 2);
        assertThat(List.of(port(endpoints), port(endpoints), port(endpoints))).containsExactlyInAnyOrder(3, 4, 5);
        assertThat(endpoints.addresses()).isEqualTo(3);

        endpoints.onConnected();
        named.set(List.of("127.0.0.1:6"));
        assertThat(port(endpoints)).as("the first attempt after a connection").isEqualTo(6);
    }

    /** Another session may have asked meanwhile, and have got an answer that this one never followed. */
    @Test
    void membersInAnotherOrderKeepTheTurnsOfTheirAddresses() throws UnknownHostException {
        InetAddress dead = InetAddress.getByAddress("any", new byte[] {10, 0, 0, 1});
        InetAddress live = InetAddress.getByAddress("any", new byte[] {10, 0, 0, 2});
        AtomicReference<List<String>> named = new AtomicReference<>(List.of("a:1", "b:1"));
        Ensemble ensemble = Ensemble.of(named::get, Runnable::run, AMPLE);
        Endpoints endpoints = new Endpoints(
                ensemble, 10_000, AMPLE, name -> new InetAddress[] {dead, live}, WELL, (attempts, reasons) -> {});
        assertThat(List.of(endpoints.next(0).getAddress(), endpoints.next(0).getAddress()))
                .containsOnly(dead);
        named.set(List.of("c:1"));
        ensemble.ask();
        named.set(List.of("b:1", "a:1"));
        assertThat(List.of(endpoints.next(0).getAddress(), endpoints.next(0).getAddress()))
                .containsOnly(live);
    }

    private static int port(Endpoints endpoints) {
        return endpoints.next(0).getPort();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
