package dev.rollcall.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Directory;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A store in memory, a console of it on a free port, and a client. */
final class ConsoleFixture implements AutoCloseable {
    /** Only a hang takes as long. */
    static final Duration LONG = Duration.ofSeconds(90);

    static final String TIDB_PUMPS = "tidb:/tidb-binlog/v1:pumps";
    static final String WORKERS = "by-kind:/jobs:workers";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** An application's own record. */
    record Worker(String host, int slots) {}

    final InMemoryStore store = InMemoryStore.builder().name("console-test").build();

    /** What the console uses. */
    final InMemoryBackend seen = store.open();

    /** What applications use. */
    final InMemoryBackend other = store.open();

    final NodeRegistry<NodeStatus> tidb = NodeRegistry.tidbBinlog(other);
    final NodeRegistry<Worker> workers = NodeRegistry.builder(other, NodeCodec.json(Worker.class))
            .root(Directory.of("/jobs"))
            .layout(NodeLayout.BY_KIND)
            .build();
    final Console console;
    private final HttpClient client =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    ConsoleFixture(UnaryOperator<ConsoleOptions.Builder> options) {
        this.console = Console.start(
                seen,
                options.apply(ConsoleOptions.builder().listen(new InetSocketAddress("127.0.0.1", 0)))
                        .build());
    }

    static ConsoleFixture readOnly() {
        return new ConsoleFixture(options -> options);
    }

    static NodeStatus pump(String id) {
        return NodeStatus.builder(id, "10.0.0.1:8250").build();
    }

    URI url(String path) {
        return URI.create(console.url() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url(path)).timeout(LONG);
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path).body());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("X-Rollcall-Console", "1")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** The events of some topics, from now on. */
    EventReader follow(String... topics) {
        StringBuilder query = new StringBuilder("api/events?");
        for (String topic : topics) {
            query.append("topic=").append(encoded(topic)).append('&');
        }
        return new EventReader(client, request(query.toString()).build());
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        console.close();
        tidb.close();
        workers.close();
        seen.close();
        other.close();
    }
}
