package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The console as the command starts it, on every store. What its pages make of it is tested in its own module. */
@Timeout(300)
class ConsoleVerbsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final HttpClient client = HttpClient.newHttpClient();

    static Stream<String> urls() {
        return CommandRun.urls();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void nodesKeysQueuesAndTheStoreAreShownLive(String url) throws Exception {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/app/config/rate", "10");
        NodeStatus status = NodeStatus.builder("p-1", "h:1").build();
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
                DistributedLock lock = DistributedLock.open(backend, Directory.of("/locks/x"));
                CommandRun.Running console = at.start("console", "--listen", "127.0.0.1:0", "--allow-changes")) {
            URI page = page(console);
            try (Stream<String> lines = events(page, "kinds", "queues", "store", "nodes:tidb:/tidb-binlog/v1:pumps")) {
                Queue<String> events = new ConcurrentLinkedQueue<>();
                follow(lines, events);
                Registration<NodeStatus> owner = registry.register("pumps", "p-1", status, RegistrationMode.PERSISTENT);
                Futures.await(owner.registered(), PATIENCE);
                LockHold hold = lock.lock();
                awaitEvent(
                        events,
                        "\"directory\":\"/locks/x\"",
                        "\"token\":" + hold.token().revision());
                awaitEvent(events, "\"kind\":\"pumps\"");
                awaitEvent(events, "\"samples\":[");
                if (!url.startsWith("inmemory:")) {
                    // What status finds: the store's servers, asked for since somebody looks.
                    awaitEvent(events, "\"members\":[{", "\"contact\":\"ANSWERED\"", "\"findings\":[");
                }
                awaitNode(page, "\"alive\":true");
                owner.close();
                awaitNode(page, "\"alive\":false");
            }
            assertThat(get(page, "api/tree?directory=/app")).contains("\"name\":\"config\"");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(get(page, "api/search?q=RATE")).contains("/app/config/rate"));
            String key = get(page, "api/key?path=/app/config/rate");
            assertThat(key).contains("\"present\":true", "\"text\":\"10\"");
            String revision = key.replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
            String edit = "{\"key\":\"/app/config/rate\",\"revision\":" + revision + ",\"base64\":\"MjA=\"}";
            assertThat(post(page, "api/put", edit).statusCode()).isEqualTo(200);
            assertThat(at.ok("get", "/app/config/rate", "--raw")).isEqualTo("20");
            // Somebody else was quicker, as far as this page knows.
            assertThat(post(page, "api/put", edit).statusCode()).isEqualTo(409);
            assertThat(console.interrupt().code()).isEqualTo(ExitCode.INTERRUPTED);
        }
    }

    private static URI page(CommandRun.Running console) {
        String said = console.awaitOut(" is at http://");
        return URI.create(said.replaceAll("(?s).* is at (\\S+).*", "$1"));
    }

    private static void follow(Stream<String> lines, Queue<String> events) {
        Thread reader = new Thread(
                () -> {
                    try {
                        lines.forEach(events::add);
                    } catch (UncheckedIOException e) {
                        events.add("closed");
                    }
                },
                "events");
        reader.setDaemon(true);
        reader.start();
    }

    private void awaitNode(URI page, String part) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(page, "api/node?kind=tidb:/tidb-binlog/v1:pumps&id=p-1"))
                        .contains(part));
    }

    private static void awaitEvent(Queue<String> events, String... parts) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(events).anySatisfy(event -> assertThat(event).contains(parts)));
    }

    private Stream<String> events(URI page, String... topics) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(page.resolve("api/events?topic=" + String.join("&topic=", topics)))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofLines()).body();
    }

    private String get(URI page, String path) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(page.resolve(path))
                                .timeout(PATIENCE)
                                .build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .body();
    }

    private HttpResponse<String> post(URI page, String path, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(page.resolve(path))
                        .timeout(PATIENCE)
                        .header("X-Rollcall-Console", "1")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
