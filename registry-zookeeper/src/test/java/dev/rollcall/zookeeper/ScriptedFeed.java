package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Three keys on a server whose answers a test orders as it likes, and what two watches are told of them. */
abstract class ScriptedFeed {
    static final Directory DIR = Directory.of("/d");
    static final String W = "/r/d/w";
    static final String X = "/r/d/x";
    static final String Y = "/r/d/y";
    static final String Z = "/r/d/z";
    static final String BARRIER = "!";

    final ScriptedServer server = new ScriptedServer("/r", "/r/d", "/r/e");
    final Collector early = new Collector();
    final Collector late = new Collector();
    KvBackend handle;

    @BeforeEach
    void connectToThreeKeys() throws InterruptedException {
        for (String path : new String[] {X, Y, Z}) {
            server.put(path, "old");
        }
        handle = server.handle("zookeeper://scripted/r?timeout=10m");
        server.connect();
    }

    @AfterEach
    void close() {
        handle.close();
    }

    void watch(Directory directory, Collector collector) {
        handle.watch(directory, WatchStart.snapshot(), collector);
    }

    void begin(Directory directory) {
        watch(directory, early);
        server.answerAll();
        awaitTold(early, "x=old", "y=old", "z=old");
    }

    private static Set<String> told(Collector collector) {
        return collector.held().values().stream()
                .map(entry -> entry.key().name() + "=" + entry.value().utf8())
                .collect(Collectors.toSet());
    }

    static void awaitTold(Collector collector, String... entries) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(told(collector)).containsExactlyInAnyOrder(entries));
    }

    void awaitDeletions(Collector collector, String... deletions) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(collector.deletions()).containsExactly(deletions));
        assertNothingWrong();
    }

    void assertNothingWrong() {
        assertThat(early.faults()).isEmpty();
        assertThat(late.faults()).isEmpty();
    }
}
