package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.coordination.Candidacy;
import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What the console answers, without a browser. */
class ConsoleHttpTest {
    private static final String TOKEN = "0123456789abcdef-token";
    private static final String HOSTILE = "<img src=x onerror=alert(1)>";

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private static List<String> names(JsonNode children) {
        return StreamSupport.stream(children.spliterator(), false)
                .map(child -> child.path("name").asText())
                .toList();
    }

    /** Sends what a client of ours would not. */
    private static String raw(ConsoleFixture fixture, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", fixture.console.address().getPort())) {
            socket.setSoTimeout((int) ConsoleFixture.LONG.toMillis());
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    // --- Nodes

    @Test
    void nodesAndWhatBecomesOfThemAreTold() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow(
                        "kinds", "nodes:" + ConsoleFixture.TIDB_PUMPS, "nodes:" + ConsoleFixture.WORKERS)) {
            Registration<NodeStatus> kept =
                    fixture.tidb.register("pumps", "p-1", ConsoleFixture.pump("p-1"), RegistrationMode.PERSISTENT);
            events.await("nodes", event -> event.path("status").path("alive").asInt() == 1);
            Futures.await(kept.update(ConsoleFixture.pump("p-1").withScore(7)));
            events.await(
                    "nodes", event -> event.path("nodes").path(0).path("score").asInt() == 7);
            kept.close();
            JsonNode dead = events.await(
                    "nodes",
                    event -> event.path("nodes").path(0).path("reason").asText().equals("OWNER_GONE"));
            assertThat(dead.path("nodes").path(0).path("state").asText()).isEqualTo("paused");
            assertThat(dead.path("status").path("alive").asInt()).isZero();

            Registration<ConsoleFixture.Worker> ephemeral = fixture.workers.register(
                    "workers", "w-1", new ConsoleFixture.Worker("h:1", 3), RegistrationMode.EPHEMERAL);
            events.await(
                    "nodes",
                    event -> event.path("nodes").path(0).path("id").asText().equals("w-1"));
            ephemeral.close();
            events.await("nodes", event -> event.path("gone").path(0).asText().equals("w-1"));

            JsonNode pump =
                    fixture.json("api/node?kind=" + ConsoleFixture.encoded(ConsoleFixture.TIDB_PUMPS) + "&id=p-1");
            assertThat(pump.path("record").path("json").asText()).contains("\"score\": 7");
            assertThat(pump.path("key").asText()).isEqualTo("/tidb-binlog/v1/pumps/p-1");
            JsonNode story = pump.path("story");
            assertThat(story.path(story.size() - 2).path("text").asText()).contains("score: 0 → 7");
            JsonNode last = story.path(story.size() - 1);
            assertThat(last.path("type").asText()).isEqualTo("left");
            assertThat(last.path("text").asText()).contains("state: online → paused");

            JsonNode worker =
                    fixture.json("api/node?kind=" + ConsoleFixture.encoded(ConsoleFixture.WORKERS) + "&id=w-1");
            assertThat(worker.path("present").asBoolean()).isFalse();
            assertThat(worker.path("story")
                            .path(worker.path("story").size() - 1)
                            .path("text")
                            .asText())
                    .contains("ephemeral");
        }
    }

    @Test
    void ownerThatWasLostIsToldFromOneThatLeft() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow("nodes:" + ConsoleFixture.TIDB_PUMPS)) {
            fixture.tidb.register("pumps", "p-1", ConsoleFixture.pump("p-1"), RegistrationMode.PERSISTENT);
            events.await("nodes", event -> event.path("status").path("alive").asInt() == 1);
            // Its owner hears of it when it is connected again.
            fixture.other.faults().disconnect();
            fixture.other.faults().expireLeases();
            events.await("nodes", event -> event.path("status").path("alive").asInt(1) == 0);
            JsonNode story = fixture.json(
                            "api/node?kind=" + ConsoleFixture.encoded(ConsoleFixture.TIDB_PUMPS) + "&id=p-1")
                    .path("story");
            assertThat(story.path(story.size() - 1).path("type").asText()).isEqualTo("lost");
            fixture.other.faults().reconnect();
            events.await("nodes", event -> event.path("status").path("alive").asInt() == 1);
        }
    }

    @Test
    void browserThatComesLaterGetsTheWholeState() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly()) {
            for (int i = 0; i < 500; i++) {
                fixture.tidb.updateNode("pumps", "p-" + i, ConsoleFixture.pump("p-" + i));
            }
            fixture.tidb.updateNode("pumps", HOSTILE, ConsoleFixture.pump(HOSTILE));
            try (EventReader events = fixture.follow("nodes:" + ConsoleFixture.TIDB_PUMPS)) {
                JsonNode state = events.await(
                        "nodes", event -> event.path("status").path("total").asInt() == 501);
                assertThat(state.path("status").path("ready").asBoolean()).isTrue();
            }
            try (EventReader events = fixture.follow("nodes:" + ConsoleFixture.TIDB_PUMPS)) {
                JsonNode state =
                        events.await("nodes", event -> event.path("full").asBoolean());
                assertThat(state.path("nodes")).hasSize(501);
                assertThat(state.path("nodes").findValuesAsText("id")).contains(HOSTILE);
            }
        }
    }

    @Test
    void storeThatIsAwayIsToldAndItsReturnAsWell() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow("store", "nodes:" + ConsoleFixture.TIDB_PUMPS)) {
            fixture.tidb.updateNode("pumps", "p-1", ConsoleFixture.pump("p-1"));
            events.await("nodes", event -> event.path("status").path("ready").asBoolean());
            fixture.seen.faults().disconnect();
            JsonNode stale = events.await("nodes", event -> event.path("status").has("staleSince"));
            assertThat(stale.path("status").path("total").asInt()).isEqualTo(1);
            fixture.seen.faults().reconnect();
            events.await("nodes", event -> !event.path("status").has("staleSince"));
            // Told on its own, so it may come before or after what the nodes tell.
            try (EventReader store = fixture.follow("store")) {
                store.await(
                        "store",
                        event -> event.path("history")
                                .findValuesAsText("state")
                                .equals(List.of("CONNECTED", "DISCONNECTED", "CONNECTED")));
            }
        }
    }

    // --- Keys

    @Test
    void treeIsReadLevelByLevelAndSearched() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow("keys")) {
            for (int i = 0; i < 1_200; i++) {
                fixture.other.put(Key.of("/app/part-" + i % 3 + "/key-" + i), Bytes.ofUtf8("v" + i));
            }
            Futures.await(fixture.other.put(Key.of("/app"), Bytes.EMPTY));
            events.await(
                    "keys", event -> event.path("roots").path(0).path("keys").asInt() == 1_201);

            JsonNode top = fixture.json("api/tree?directory=/").path("children");
            assertThat(names(top)).containsExactly("app");
            assertThat(top.path(0).path("key").asBoolean()).isTrue();
            assertThat(top.path(0).path("below").asInt()).isEqualTo(1_200);
            assertThat(names(fixture.json("api/tree?directory=/app").path("children")))
                    .containsExactly("part-0", "part-1", "part-2");
            assertThat(names(fixture.json("api/tree?directory=/app/part-1&after=key-994")
                            .path("children")))
                    .containsExactly("key-997");

            JsonNode found = fixture.json("api/search?q=" + ConsoleFixture.encoded("PART-2 key-11"));
            assertThat(found.path("total").asInt()).isEqualTo(39);
            assertThat(found.path("whole").asBoolean()).isTrue();
            Futures.await(fixture.other.delete(Key.of("/app/part-2/key-11")));
            events.await(
                    "keys", event -> event.path("roots").path(0).path("keys").asInt() == 1_200);
            assertThat(fixture.json("api/search?q=" + ConsoleFixture.encoded("PART-2 key-11"))
                            .path("total")
                            .asInt())
                    .isEqualTo(38);
        }
    }

    @Test
    void valueIsGivenInEveryFormToTheLastDigit() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly()) {
            Futures.await(fixture.other.put(Key.of("/n"), Bytes.ofUtf8("{\"ts\":437612345678901234,\"f\":1.50}")));
            Futures.await(fixture.other.put(Key.of("/b"), Bytes.copyOf(new byte[] {(byte) 0xff, 0})));
            JsonNode number = fixture.json("api/key?path=/n");
            assertThat(number.path("value").path("json").asText()).contains("437612345678901234", "1.50");
            assertThat(number.path("leased").asBoolean()).isFalse();
            JsonNode bytes = fixture.json("api/key?path=/b").path("value");
            assertThat(bytes.has("text")).isFalse();
            assertThat(bytes.path("base64").asText()).isEqualTo("/wA=");
            assertThat(fixture.json("api/key?path=/absent").path("present").asBoolean(true))
                    .isFalse();
            assertThat(fixture.get("api/key?path=relative").statusCode()).isEqualTo(400);
        }
    }

    // --- Locks and elections

    @Test
    void queueIsShownInOrder() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow("queues");
                LeaderElection election = LeaderElection.open(fixture.other, Directory.of("/elections/e"))) {
            Candidacy first = election.join("one", new Silent());
            events.await(
                    "queues",
                    event -> event.path("queues").findValuesAsText("owner").equals(List.of("one")));
            election.join("two", new Silent());
            JsonNode queue = events.await(
                            "queues",
                            event -> event.path("queues")
                                    .findValuesAsText("owner")
                                    .equals(List.of("one", "two")))
                    .path("queues")
                    .path(0);
            assertThat(queue.path("directory").asText()).isEqualTo("/elections/e");
            assertThat(queue.path("waiting").asInt()).isEqualTo(1);
            assertThat(queue.path("places").path(0).path("token").asLong())
                    .isEqualTo(Futures.await(election.readLeader())
                            .orElseThrow()
                            .token()
                            .revision());
            first.close();
            events.await(
                    "queues",
                    event -> event.path("queues").findValuesAsText("owner").equals(List.of("two")));
        }
    }

    private static final class Silent implements CandidateListener {
        @Override
        public void onElected(FencingToken term) {
            // The page tells.
        }

        @Override
        public void onLost(FencingToken term, String reason) {
            // As above.
        }
    }

    // --- Changes

    @Test
    void consoleChangesNothingUnlessAllowed() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly()) {
            HttpResponse<String> response =
                    fixture.post("api/put", "{\"key\":\"/k\",\"base64\":\"" + base64("v") + "\",\"revision\":0}");
            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(response.body()).contains("--allow-changes");
            assertThat(Futures.await(fixture.other.get(Key.of("/k"))).isPresent())
                    .isFalse();
        }
    }

    @Test
    void changeIsMadeOnlyToWhatWasSeen() throws Exception {
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.allowChanges(true))) {
            Key key = Key.of("/k");
            String create = "{\"key\":\"/k\",\"base64\":\"" + base64("one") + "\",\"revision\":0}";
            assertThat(fixture.post("api/put", create).statusCode()).isEqualTo(200);
            assertThat(fixture.post("api/put", create).statusCode()).isEqualTo(409);
            long revision = Futures.await(fixture.other.put(key, Bytes.ofUtf8("theirs")))
                    .revision();
            String update = "{\"key\":\"/k\",\"base64\":\"" + base64("two") + "\",\"revision\":%d}";
            assertThat(fixture.post("api/put", String.format(update, revision - 1))
                            .statusCode())
                    .isEqualTo(409);
            assertThat(Futures.await(fixture.other.get(key)).value()).contains(Bytes.ofUtf8("theirs"));
            assertThat(fixture.post("api/put", String.format(update, revision)).statusCode())
                    .isEqualTo(200);

            revision =
                    Futures.await(fixture.other.get(key)).entry().orElseThrow().revision();
            assertThat(fixture.post(
                                    "api/copy",
                                    "{\"key\":\"/k\",\"to\":\"/moved\",\"rename\":true,\"revision\":" + revision + "}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(Futures.await(fixture.other.get(key)).isPresent()).isFalse();
            assertThat(Futures.await(fixture.other.get(Key.of("/moved"))).value())
                    .contains(Bytes.ofUtf8("two"));
            revision = Futures.await(fixture.other.get(Key.of("/moved")))
                    .entry()
                    .orElseThrow()
                    .revision();
            assertThat(fixture.post("api/delete", "{\"key\":\"/moved\",\"revision\":" + revision + "}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(fixture.post("api/measure", "{}").body()).contains("micros");
            assertThat(Futures.await(fixture.other.keys(Directory.ROOT)).keys()).isEmpty();
        }
    }

    @Test
    void ownerOfANodeObeysARequest() throws Exception {
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.allowChanges(true));
                EventReader events = fixture.follow("nodes:" + ConsoleFixture.TIDB_PUMPS)) {
            fixture.tidb.register("pumps", "p-1", ConsoleFixture.pump("p-1"), RegistrationMode.PERSISTENT);
            events.await("nodes", event -> event.path("status").path("alive").asInt() == 1);
            String request = "{\"kind\":\"" + ConsoleFixture.TIDB_PUMPS + "\",\"id\":\"%s\",\"request\":\"%s\"}";
            assertThat(fixture.post("api/request", String.format(request, "p-1", "drain"))
                            .statusCode())
                    .isEqualTo(200);
            events.await(
                    "nodes",
                    event -> event.path("nodes").path(0).path("state").asText().equals("closing"));
            assertThat(fixture.post("api/request", String.format(request, "p-1", "dance"))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(fixture.post("api/request", String.format(request, "absent", "drain"))
                            .statusCode())
                    .isEqualTo(409);
        }
    }

    @Test
    void badChangeIsExplained() throws Exception {
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.allowChanges(true))) {
            for (String bad : List.of(
                    "",
                    "[]",
                    "{}",
                    "{\"key\":7}",
                    "{\"key\":\"no-slash\",\"base64\":\"\",\"revision\":0}",
                    "{\"key\":\"/k\",\"base64\":\"?\",\"revision\":0}",
                    "{\"key\":\"/k\",\"base64\":\"\"}",
                    "{\"key\":\"/k\",\"base64\":\"\",\"revision\":-1}")) {
                HttpResponse<String> response = fixture.post("api/put", bad);
                assertThat(response.statusCode()).as(bad).isEqualTo(400);
                assertThat(response.body()).as(bad).contains("error");
            }
            assertThat(fixture.post("api/nothing", "{}").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void recordOfARegistrationIsMarkedAsSuch() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly();
                EventReader events = fixture.follow("nodes:" + ConsoleFixture.TIDB_PUMPS)) {
            fixture.tidb.register("pumps", "p-1", ConsoleFixture.pump("p-1"), RegistrationMode.PERSISTENT);
            events.await("nodes", event -> event.path("status").path("alive").asInt() == 1);
            assertThat(fixture.json("api/key?path=/tidb-binlog/v1/pumps/p-1")
                            .path("warning")
                            .asText())
                    .contains("write its own value back");
        }
    }

    // --- Who may ask

    @Test
    void everyAnswerHasAStrictPolicy() throws Exception {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly()) {
            for (String path : List.of(
                    "",
                    "app.js",
                    "console.css",
                    "icon.svg",
                    "lib/lit-html/lit-html.js",
                    "lib/uplot/dist/uPlot.esm.js",
                    "lib/uplot/dist/uPlot.min.css",
                    "api/about",
                    "nothing")) {
                HttpResponse<String> response = fixture.get(path);
                assertThat(response.statusCode()).as(path).isEqualTo(path.equals("nothing") ? 404 : 200);
                assertThat(response.headers().firstValue("Content-Security-Policy"))
                        .as(path)
                        .hasValueSatisfying(policy -> assertThat(policy)
                                .startsWith(
                                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
                                .doesNotContain("unsafe"));
            }
            assertThat(fixture.get("").body()).doesNotContain("<script>", "style=", "http://", "https://");
            assertThat(fixture.get("../pom.xml").statusCode()).isNotEqualTo(200);
            assertThat(fixture.get("lib/..%2f..%2fConsole.class").statusCode()).isNotEqualTo(200);
        }
    }

    @Test
    void nameThatWasMadeToLeadHereIsRefused() throws Exception {
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.host("console.example.com"))) {
            String request = "GET /api/about HTTP/1.1\nHost: %s\nConnection: close\n\n";
            assertThat(raw(fixture, String.format(request, "evil.example"))).startsWith("HTTP/1.1 403");
            assertThat(raw(fixture, String.format(request, "localhost:1"))).startsWith("HTTP/1.1 200");
            assertThat(raw(fixture, String.format(request, "Console.example.com")))
                    .startsWith("HTTP/1.1 200");
            // From behind a proxy that has put its own host in place of the public one.
            assertThat(raw(fixture, String.format(request, "127.0.0.1\nOrigin: https://console.example.com")))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void otherPagesAreRefused() throws Exception {
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.allowChanges(true))) {
            for (String origin : List.of("https://evil.example", "http://10.0.0.6", "http://127.0.0.1:1", "null")) {
                HttpRequest foreign =
                        fixture.request("api/about").header("Origin", origin).build();
                assertThat(fixture.send(foreign).statusCode()).as(origin).isEqualTo(403);
            }
            HttpRequest site = fixture.request("api/about")
                    .header("Sec-Fetch-Site", "cross-site")
                    .build();
            assertThat(fixture.send(site).statusCode()).isEqualTo(403);
            HttpRequest simple = fixture.request("api/measure")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();
            assertThat(fixture.send(simple).statusCode())
                    .as("without our header")
                    .isEqualTo(403);
        }
    }

    @Test
    void withATokenNothingIsShownWithoutIt() throws Exception {
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.token(TOKEN))) {
            assertThat(fixture.get("api/about").statusCode()).isEqualTo(401);
            assertThat(fixture.get("api/events?topic=store").statusCode()).isEqualTo(401);
            assertThat(fixture.get("").body()).contains("needs its token").doesNotContain("app.js");
            assertThat(fixture.send(fixture.request("api/about")
                                    .header("Authorization", "Bearer " + TOKEN)
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(fixture.send(fixture.request("api/about")
                                    .header("Authorization", "Bearer wrong")
                                    .build())
                            .statusCode())
                    .isEqualTo(401);
            assertThat(login(fixture, "wrong").headers().firstValue("Set-Cookie"))
                    .isEmpty();
            HttpResponse<String> welcome = login(fixture, TOKEN);
            assertThat(welcome.headers().firstValue("Location"))
                    .as("below the path of a proxy")
                    .contains("./");
            String cookie = welcome.headers().firstValue("Set-Cookie").orElseThrow();
            assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(TOKEN);
            assertThat(fixture.send(fixture.request("api/about")
                                    .header("Cookie", cookie.substring(0, cookie.indexOf(';')))
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(fixture.get("?token=" + TOKEN).headers().firstValue("Set-Cookie"))
                    .isPresent();
        }
    }

    private static HttpResponse<String> login(ConsoleFixture fixture, String token) throws Exception {
        return fixture.send(fixture.request("login")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + token))
                .build());
    }

    @Test
    void consoleForOthersNeedsAToken() {
        ConsoleOptions.Builder everywhere = ConsoleOptions.builder().listen(new InetSocketAddress("0.0.0.0", 0));
        assertThatThrownBy(everywhere::build).hasMessageContaining("token").hasMessageContaining("127.0.0.1");
        assertThatThrownBy(() -> everywhere.token("short"))
                .hasMessageContaining("16")
                .hasMessageNotContaining("short");
        assertThat(everywhere.token(TOKEN).build()).isNotNull();
    }

    @Test
    void addressThatIsTakenIsNamed() {
        try (ConsoleFixture fixture = ConsoleFixture.readOnly()) {
            ConsoleOptions taken =
                    ConsoleOptions.builder().listen(fixture.console.address()).build();
            assertThatThrownBy(() -> Console.start(fixture.other, taken))
                    .hasMessageContaining(
                            String.valueOf(fixture.console.address().getPort()));
        }
    }
}
