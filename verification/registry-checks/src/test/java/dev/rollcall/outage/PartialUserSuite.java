package dev.rollcall.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.console.Console;
import dev.rollcall.console.ConsoleOptions;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.RegistrationMode;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The console for a user who may read one directory only, by the word of a real store: it shows that one, and no error. */
public abstract class PartialUserSuite {
    /** Which only a hang reaches. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    /** What the user may read. */
    protected static final Directory MINE = Directory.of("/mine");

    /** What the user may not read. */
    protected static final Key THEIRS = Key.of("/theirs/secret");

    private final HttpClient client = HttpClient.newHttpClient();

    /** The user's handle. */
    protected abstract KvBackend open();

    /** Writes {@link #THEIRS}, as another user. */
    protected abstract void writeTheirs();

    private String get(Console console, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(console.url().resolve(path))
                .timeout(LIMIT)
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as("%s: %s", path, response.body()).isEqualTo(200);
        return response.body();
    }

    private void until(Console console, String path, String... parts) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(50))
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(get(console, path)).contains(parts));
    }

    private static ConsoleOptions.Builder anywhere() {
        return ConsoleOptions.builder().listen(new InetSocketAddress("127.0.0.1", 0));
    }

    @Test
    void consoleShowsWhatItsUserMayRead() throws Exception {
        writeTheirs();
        try (KvBackend backend = open();
                NodeRegistry<String> registry = NodeRegistry.builder(backend, NodeCodec.of(Bytes::ofUtf8, Bytes::utf8))
                        .root(Directory.of("/mine/jobs"))
                        .layout(NodeLayout.BY_KIND)
                        .build()) {
            Futures.await(backend.put(MINE.key("config"), Bytes.ofUtf8("seen")), LIMIT);
            registry.register("workers", "w-1", "{}", RegistrationMode.PERSISTENT)
                    .awaitRegistered(LIMIT);
            try (Console console = Console.start(backend, anywhere().build())) {
                assertThat(get(console, "api/tree?directory=/theirs")).contains("\"denied\":true");
                readsMine(console);
            }
            try (Console console =
                    Console.start(backend, anywhere().directory(MINE).build())) {
                readsMine(console);
                until(console, "api/search?q=CONFIG", "\"total\":1", "/mine/config", "\"whole\":true");
                until(console, "api/node?kind=by-kind:/mine/jobs:workers&id=w-1", "\"alive\":true");
            }
        }
    }

    private void readsMine(Console console) throws Exception {
        assertThat(get(console, "api/tree?directory=/mine")).contains("\"config\"", "\"jobs\"");
        assertThat(get(console, "api/key?path=/mine/config")).contains("\"text\":\"seen\"");
    }
}
