package dev.rollcall.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Server-sent events, as a browser reads them. */
final class EventReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An event: its name and its data. */
    record Event(String name, JsonNode data) {}

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> reading;
    private volatile String name = "";
    private volatile @Nullable AutoCloseable lines;

    EventReader(HttpClient client, HttpRequest request) {
        this.reading = client.sendAsync(request, HttpResponse.BodyHandlers.ofLines())
                .thenAccept(response -> {
                    lines = response.body();
                    response.body().forEach(this::line);
                });
    }

    private void line(String line) {
        if (line.startsWith("event: ")) {
            name = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
            try {
                events.add(new Event(name, JSON.readTree(line.substring("data: ".length()))));
            } catch (JsonProcessingException e) {
                throw new AssertionError(line, e);
            }
        }
    }

    /** Waits for an event of this name that passes, and gives its data; what comes before is skipped. */
    JsonNode await(String eventName, Predicate<JsonNode> passes) throws InterruptedException {
        long end = System.nanoTime() + ConsoleFixture.LONG.toNanos();
        while (true) {
            Event event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("No event '" + eventName + "' that passes.");
            }
            if (event.name().equals(eventName) && passes.test(event.data())) {
                return event.data();
            }
        }
    }

    @Override
    public void close() throws Exception {
        AutoCloseable open = lines;
        if (open != null) {
            open.close();
        }
        reading.cancel(true);
    }
}
