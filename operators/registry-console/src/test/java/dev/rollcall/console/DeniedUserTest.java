package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** A user who may read one directory sees that one, and no error. */
class DeniedUserTest {
    private final HttpClient client = HttpClient.newHttpClient();

    private JsonNode get(Console console, String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(console.url().resolve(path)).build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new ObjectMapper().readTree(response.body());
    }

    private EventReader keys(Console console) {
        return new EventReader(
                client,
                HttpRequest.newBuilder(console.url().resolve("api/events?topic=keys"))
                        .build());
    }

    private static ConsoleOptions.Builder anywhere() {
        return ConsoleOptions.builder().listen(new InetSocketAddress("127.0.0.1", 0));
    }

    @Test
    void oneDirectoryIsShownToWhoMayReadItOnly() throws Exception {
        try (InMemoryBackend backend =
                InMemoryStore.builder().name("denied").build().open()) {
            Futures.await(backend.put(Key.of("/mine/a/b"), Bytes.ofUtf8("v")));
            Futures.await(backend.put(Key.of("/theirs/x"), Bytes.ofUtf8("secret")));
            try (Console console = Console.start(
                            LimitedUser.of(backend),
                            anywhere().directory(LimitedUser.MINE).build());
                    EventReader events = keys(console)) {
                events.await(
                        "keys",
                        event -> event.path("roots")
                                .path(0)
                                .path("state")
                                .asText()
                                .equals("ready"));
                assertThat(get(console, "api/search?q=a").path("paths").toString())
                        .isEqualTo("[\"/mine/a/b\"]");
                assertThat(get(console, "api/search?q=x").path("total").asInt()).isZero();
            }
            // Who has not said which directory can still go there on the page.
            try (Console console =
                            Console.start(LimitedUser.of(backend), anywhere().build());
                    EventReader events = keys(console)) {
                events.await(
                        "keys",
                        event -> event.path("roots")
                                .path(0)
                                .path("state")
                                .asText()
                                .equals("denied"));
                assertThat(get(console, "api/tree?directory=/").path("denied").asBoolean())
                        .isTrue();
                assertThat(get(console, "api/tree?directory=/mine")
                                .path("children")
                                .path(0)
                                .path("name")
                                .asText())
                        .isEqualTo("a");
                assertThat(get(console, "api/key?path=/mine/a/b")
                                .path("value")
                                .path("text")
                                .asText())
                        .isEqualTo("v");
            }
        }
    }
}
