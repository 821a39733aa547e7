package dev.rollcall.tck.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rollcall.tck.history.Workload;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** Reports of runs that were made up. */
class NemesisReportTest {
    private static final String GUILTY =
            "round 2, WATCHERS, seed 78: READ-1, <stale> & old. The smallest failing part is drawn in"
                    + " target/nemesis/replay-78-smallest.html, the whole history is in target/nemesis/replay-78.json.";
    private static final String LEFT = "after the run: LIFE-5, threads are left";

    private static final KnownFinding KNOWN = new KnownFinding(
            new KnownFault(
                    "https://tracker.example/15",
                    KnownFault.Effect.LEASE_ENDS_EARLY,
                    Set.of(Fault.PAUSE_LEADER),
                    Duration.ofSeconds(3)),
            "lease <1>: LEASE-4, gone");

    private static NemesisReport report() {
        NemesisRound first = new NemesisRound(
                1,
                Workload.MIXED,
                77,
                Duration.ZERO,
                Duration.ofMillis(9_000),
                List.of(
                        new FaultTime(Fault.KILL_LEADER, seconds(1), seconds(3), Duration.ofMillis(3_400)),
                        new FaultTime(Fault.CUT, seconds(5), seconds(6), Duration.ofMillis(6_020))),
                List.of(new Pulse(0, 50, 0, 0), new Pulse(1, 5, 4, 3), new Pulse(4, 100, 0, 0)),
                List.of(),
                List.of());
        NemesisRound second = new NemesisRound(
                2,
                Workload.WATCHERS,
                78,
                seconds(10),
                seconds(19),
                List.of(new FaultTime(Fault.CUT, seconds(12), seconds(13), Duration.ofMillis(13_010))),
                List.of(new Pulse(11, 20, 0, 0)),
                List.of(KNOWN),
                List.of(GUILTY));
        return new NemesisReport(
                "three \"members\" <x>",
                5,
                Duration.ofMillis(20_500),
                2,
                1,
                0,
                Map.of("answered", 175, "unknown", 3, "not applied", 4),
                List.of(first, second),
                321,
                new HolderFigures(9, 1, 8, 2, 70, 6),
                List.of(KNOWN),
                List.of(GUILTY, LEFT));
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static int count(String text, String pattern) {
        return (int) Pattern.compile(pattern).matcher(text).results().count();
    }

    @Test
    void faultsAndRecoveriesAreThoseOfTheRounds() {
        assertThat(report().faults()).isEqualTo(Map.of(Fault.KILL_LEADER, 1, Fault.CUT, 2));
        assertThat(report().recoveries())
                .containsExactly(Duration.ofMillis(400), Duration.ofMillis(20), Duration.ofMillis(10));
        assertThat(report().toString())
                .contains(
                        "2 violations, known faults of the servers: 1",
                        "  known fault of the servers, https://tracker.example/15: lease <1>: LEASE-4, gone",
                        "faults      kill-leader 1, cut 2",
                        "median 20 ms, 95% 400 ms, longest 400 ms");
    }

    @Test
    void jsonHasEveryFigure() throws IOException {
        JsonNode json = new ObjectMapper().readTree(report().json());
        assertThat(json.get("cluster").asText()).isEqualTo("three \"members\" <x>");
        assertThat(json.get("seed").asLong()).isEqualTo(5);
        assertThat(json.get("operations").get("not applied").asInt()).isEqualTo(4);
        assertThat(json.get("faults").get("cut").asInt()).isEqualTo(2);
        assertThat(json.get("violations").get(0).asText()).isEqualTo(GUILTY);
        assertThat(json.get("locks").get("guardedWrites").asInt()).isEqualTo(70);
        String known = "[{\"upstream\":\"https://tracker.example/15\",\"effect\":\"LEASE_ENDS_EARLY\","
                + "\"finding\":\"lease <1>: LEASE-4, gone\"}]";
        assertThat(json.get("knownFaults").toString()).isEqualTo(known);
        assertThat(json.get("rounds").get(1).get("knownFaults").toString()).isEqualTo(known);
        JsonNode round = json.get("rounds").get(0);
        assertThat(round.get("workload").asText()).isEqualTo("MIXED");
        assertThat(round.get("faults").get(0).toString())
                .isEqualTo("{\"fault\":\"kill-leader\",\"from\":1000,\"until\":3000,\"served\":3400}");
        assertThat(round.get("seconds").get(1).toString())
                .isEqualTo("{\"second\":1,\"done\":5,\"failed\":4,\"inDoubt\":3}");
    }

    @Test
    void pageShowsTheRunAlongItsTime() {
        String page = report().html();
        // 20 pixels for a second: the leader was dead from the first to the third.
        assertThat(page)
                .contains("<rect class=\"fault\" x=\"20.0\" y=\"42\" width=\"40.0\"")
                .contains("<rect class=\"healing\" x=\"60.0\" y=\"42\" width=\"8.0\"")
                .contains("then 400 ms until a write was acknowledged")
                .contains("1 s: 5 answered, 4 failed, 3 in doubt")
                .contains("<td>kill-leader 400 ms, cut 20 ms</td>")
                .contains("2 violations were found.");
        assertThat(count(page, "<rect class=\"fault\"")).isEqualTo(3);
        assertThat(count(page, "<rect class=\"(round|bad)\"")).isEqualTo(2);
        assertThat(count(page, "<rect class=\"bad\"")).isEqualTo(1);
        assertThat(count(page, "<rect class=\"done\"")).isEqualTo(4);
        assertThat(count(page, "<rect class=\"doubt\"")).isEqualTo(1);
    }

    @Test
    void violationsLeadToTheirHistories() {
        String page = report().html();
        assertThat(page)
                .contains("<a href=\"#v1\"><line class=\"violation\"")
                .contains("<li id=\"v1\">", "&lt;stale&gt; &amp; old", "<a href=\"replay-78-smallest.html\">")
                .contains("<li id=\"v2\">" + LEFT + "</li>")
                .contains(
                        "<a href=\"https://tracker.example/15\">https://tracker.example/15</a>: lease &lt;1&gt;: LEASE-4, gone</li>")
                .contains("<tr><th>known faults of the servers</th><td>1</td></tr>");
    }

    @Test
    void pageIsWellFormedAndNeedsNothingElse() throws Exception {
        String page = report().html();
        assertThat(page).doesNotContain("<script", "<link", "url(", "@import", "<stale>", "<x>");
        assertThat(page.replace("http://www.w3.org/2000/svg", "").replace("https://tracker.example/15", ""))
                .doesNotContain("://");
        String body = page.substring(page.indexOf("<body>"), page.indexOf("</html>"));
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(body.replace("<br>", "<br/>"))))
                        .getElementsByTagName("svg")
                        .getLength())
                .isEqualTo(2);
    }

    @Test
    void runWithoutARoundHasAReport(@TempDir Path directory) throws IOException {
        NemesisReport nothing = new NemesisReport(
                "one",
                1,
                Duration.ZERO,
                0,
                0,
                0,
                Map.of(),
                List.of(),
                0,
                new HolderFigures(0, 0, 0, 0, 0, 0),
                List.of(),
                List.of());
        nothing.write(directory.resolve("new"));
        assertThat(directory.resolve("new/index.html")).content().contains("No violation was found.");
        assertThat(directory.resolve("new/nemesis.txt")).content().contains("nothing to recover from");
        assertThat(new ObjectMapper()
                        .readTree(directory.resolve("new/nemesis.json").toFile())
                        .get("rounds"))
                .isEmpty();
    }
}
