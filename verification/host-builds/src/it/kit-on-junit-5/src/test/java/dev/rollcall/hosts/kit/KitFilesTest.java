package dev.rollcall.hosts.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.support.ForwardingBackend;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.TestStore;
import dev.rollcall.tck.history.HistoryJson;
import dev.rollcall.tck.history.ReplayJudge;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.server.TcpProxy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That reports, the pages of histories and the proxy need nothing but the kit's jar. */
class KitFilesTest {
    private static final AtomicInteger STORES = new AtomicInteger();

    /** Every second read of a key is answered with the first value that was read of it. */
    private static final class StaleReads extends ForwardingBackend {
        private final Map<Key, GetResult> first = new ConcurrentHashMap<>();
        private final AtomicInteger reads = new AtomicInteger();

        StaleReads(KvBackend store) {
            super(store);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return Futures.map(super.get(key, consistency), now -> {
                GetResult old = first.putIfAbsent(key, now);
                return old == null || reads.incrementAndGet() % 2 == 0 ? now : old;
            });
        }
    }

    private static BackendFixture stale() {
        return new BackendFixture() {
            @Override
            public String name() {
                return "stale";
            }

            @Override
            public Map<Hook, String> absentHooks() {
                return EnumSet.allOf(Hook.class).stream().collect(Collectors.toMap(hook -> hook, hook -> "not needed"));
            }

            @Override
            public TestStore newStore() {
                String url = "inmemory:stale-" + STORES.incrementAndGet();
                return new TestStore() {
                    @Override
                    public KvBackend open() {
                        return new StaleReads(KvBackends.open(url));
                    }

                    @Override
                    public void close() {}
                };
            }
        };
    }

    @Test
    void historyThatFailsIsDrawnAndCanBeJudgedAgain() throws IOException, InterruptedException {
        ConformanceReport report = KitLauncher.of(stale())
                .onlyTests(Set.of("registersBehaveAsIfThereWereOneClientAtATime"))
                .run();
        assertThat(report.isConformant()).isFalse();
        Path written = Path.of("target", "conformance", "stale");
        report.write(written);
        assertThat(written.resolve("conformance.html")).isNotEmptyFile();
        Path histories = Path.of("target", "conformance", "stale", "histories");
        try (Stream<Path> files = Files.list(histories)) {
            List<Path> all = files.toList();
            assertThat(all).filteredOn(file -> file.toString().endsWith("-smallest.html")).isNotEmpty().allSatisfy(page ->
                    assertThat(Files.readString(page)).contains("<svg").contains("READ-"));
            assertThat(all).filteredOn(file -> file.toString().endsWith(".json")).isNotEmpty().allSatisfy(json ->
                    assertThat(new ReplayJudge().judge(HistoryJson.read(json)).kind()).isNotEqualTo(Verdict.Kind.OK));
        }
    }

    @Test
    void proxyCarriesAConnection() throws IOException {
        try (ServerSocket server = new ServerSocket(0);
                TcpProxy proxy = TcpProxy.to(server.getLocalPort())) {
            String[] address = proxy.address().split(":");
            try (Socket client = new Socket(address[0], Integer.parseInt(address[1]));
                    Socket accepted = server.accept()) {
                OutputStream out = client.getOutputStream();
                out.write(7);
                InputStream in = accepted.getInputStream();
                assertThat(in.read()).isEqualTo(7);
            }
        }
    }
}
