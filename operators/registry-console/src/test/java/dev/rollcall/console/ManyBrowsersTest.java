package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** However many look, the store is asked as if one did. */
class ManyBrowsersTest {
    private static final int BROWSERS = 30;
    private static final String PUMP = "/tidb-binlog/v1/pumps/p-1";

    private final Queue<String> watched = new ConcurrentLinkedQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();

    /** A backend that notes what is watched. */
    private KvBackend noting(InMemoryBackend backend) {
        return (KvBackend) Proxy.newProxyInstance(
                ManyBrowsersTest.class.getClassLoader(),
                new Class<?>[] {KvBackend.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("watch")) {
                        watched.add(String.valueOf(arguments[0]));
                    }
                    try {
                        return method.invoke(backend, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private EventReader browser(Console console) {
        String topics = "api/events?topic=keys&topic=kinds&topic=nodes:" + ConsoleFixture.TIDB_PUMPS;
        return new EventReader(
                client, HttpRequest.newBuilder(console.url().resolve(topics)).build());
    }

    private static void awaitAlive(EventReader browser, int alive) throws InterruptedException {
        browser.await("nodes", event -> event.path("status").path("alive").asInt() == alive);
    }

    private static void put(KvBackend backend, String state) throws InterruptedException {
        Futures.await(backend.put(Key.of(PUMP), Bytes.ofUtf8("{\"nodeId\":\"p-1\",\"state\":\"" + state + "\"}")));
    }

    @Test
    void allAreServedFromOneViewAndOneWatchOfTheKeys() throws Exception {
        try (InMemoryBackend backend =
                        InMemoryStore.builder().name("browsers").build().open();
                Console console = Console.start(
                        noting(backend),
                        ConsoleOptions.builder()
                                .listen(new InetSocketAddress("127.0.0.1", 0))
                                .build());
                EventReader first = browser(console)) {
            put(backend, "online");
            awaitAlive(first, 1);
            // What is told of these has come by the watches.
            put(backend, "paused");
            awaitAlive(first, 0);
            put(backend, "online");
            awaitAlive(first, 1);
            List<String> before = List.copyOf(watched);
            assertThat(before).isNotEmpty();
            List<EventReader> others = new ArrayList<>();
            try {
                for (int i = 0; i < BROWSERS; i++) {
                    others.add(browser(console));
                }
                for (EventReader each : others) {
                    awaitAlive(each, 1);
                }
                put(backend, "paused");
                for (EventReader each : others) {
                    awaitAlive(each, 0);
                }
            } finally {
                for (EventReader each : others) {
                    each.close();
                }
            }
            assertThat(List.copyOf(watched)).isEqualTo(before);
        }
    }

    @Test
    void oneMoreThanAreServedIsToldSo() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                Crowd crowd = new Crowd(fixture, Broadcaster.MOST_STREAMS)) {
            HttpResponse<String> refused = fixture.get("api/events?topic=store");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(refused.body()).contains("200 pages follow this console already");
            // Those who were there before are served on.
            crowd.readers().get(0).await("store", event -> true);
        }
    }
}
