package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verbs for the store itself and for live nodes, on every store. */
class StoreVerbsTest {
    static Stream<String> urls() {
        return CommandRun.urls();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void statusSaysHowTheStoreIs(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/a", "1");
        // A member is asked for two seconds at most: one on a busy machine may rightly be said to be silent.
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(at.ok("status"))
                        .contains("Store ", "by --backend", "answers", "may be listed, 1 name", "Nothing was found"));
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(at.ok("status", "-o", "json"))
                        .contains("\"answers\":true", "\"findings\":[", "\"readMicros\":"));
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aMeasurementLeavesNothing(String url) {
        CommandRun at = CommandRun.on(url);
        String measured = at.ok("check", "perf", "--time", "500ms");
        assertThat(measured)
                .contains("PER SECOND", "read, one at a time", "transaction of 64 writes", "write seen by a watch");
        // There is no network to a store in memory.
        assertThat(measured.contains("network alone, one round trip")).isEqualTo(!url.startsWith("inmemory:"));
        assertThat(at.ok("count", "/")).startsWith("0");
        at.refused(ExitCode.USAGE, "at most 60s", "check", "perf", "--time", "2m");
        at.refused(ExitCode.USAGE, "positive", "check", "perf", "--time", "0s");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void theDemoTellsItsWholeStoryAndLeavesWhatWasThere(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/before", "1");
        assertThat(at.ok("demo", "--plain", "--nodes", "4", "--ttl", "1s"))
                .contains(
                        " joined, ",
                        "crash without a word",
                        "is not alive any more",
                        "comes back",
                        "drains and leaves for good",
                        " left",
                        "All 8 scenes were seen",
                        "of 3 nodes equals a fresh list",
                        "What to try next:");
        assertThat(at.ok("list", "/", "--keys")).isEqualToNormalizingNewlines("/before\n");
        at.refused(ExitCode.USAGE, "needs 4 to 10000 nodes", "demo", "--plain", "--nodes", "3");
    }

    /** On etcd the demo's own test has it. */
    @Test
    void theDemoEndsWhereNoStoreIs() {
        String url = "zookeeper://127.0.0.1:1/x";
        CommandRun.Result run = CommandRun.of("demo", "--plain", "--backend", url);
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(run.err()).startsWith("rollcall: ").contains(url).hasLineCount(1);
    }

    @ParameterizedTest
    @MethodSource("urls")
    void theKitRunsOnAStoreByItsUrl(String url) {
        CommandRun.Result run = CommandRun.of("tck", url, "--area", "KEY-5");
        assertThat(run.code()).as("%s%s", run.out(), run.err()).isEqualTo(ExitCode.OK);
        assertThat(run.out()).contains("nothing was found broken");
        assertThat(CommandRun.of("tck", url, "--area", "NOPE").code()).isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest
    @MethodSource("urls")
    void theOwnerOfALiveNodeDoesWhatItIsAskedFor(String url) throws InterruptedException {
        CommandRun at = CommandRun.on(url);
        NodeStatus status =
                NodeStatus.builder("p-1", "h:1").state(NodeState.ONLINE).build();
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
                Registration<NodeStatus> owner =
                        registry.register("pumps", "p-1", status, RegistrationMode.PERSISTENT)) {
            Futures.await(owner.registered());
            assertThat(at.ok("nodes", "pause", "pumps", "p-1")).contains("p-1 was paused by its owner");
            assertThat(at.ok("nodes", "list", "pumps", "--columns", "node,state,alive"))
                    .containsPattern("p-1 +pausing +yes");
            at.refused(ExitCode.REFUSED, "refuses to drain", "nodes", "drain", "pumps", "p-1");
            assertThat(at.ok("nodes", "remove", "pumps", "p-1")).contains("p-1 was removed by its owner");
            at.refused(ExitCode.REFUSED, "There is no node 'p-1'", "nodes", "get", "pumps", "p-1");
        }
        at.refused(ExitCode.REFUSED, "does not exist", "nodes", "pause", "pumps", "p-1");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aNodeOfTidbsOwnIsLeftToItsTool(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/tidb-binlog/v1/pumps/go", "{\"nodeId\":\"go\",\"host\":\"h:1\",\"state\":\"online\"}");
        for (String verb : new String[] {"pause", "drain", "remove"}) {
            at.refused(ExitCode.REFUSED, "binlogctl -cmd ", "nodes", verb, "pumps", "go");
        }
        // Who is at a shell needs a command line, and not a method of Java.
        assertThat(at.run("nodes", "drain", "pumps", "go").err())
                .contains(
                        "'binlogctl -cmd offline-pump -node-id go'",
                        // With the store that was named: another may stand in the environment.
                        "'rollcall nodes remove pumps go --backend ",
                        " --force'")
                .doesNotContain("removeNode");
        assertThat(at.ok("nodes", "remove", "pumps", "go", "--force")).contains("go removed");
        at.refused(
                ExitCode.USAGE,
                "exclude each other",
                "nodes",
                "remove",
                "pumps",
                "go",
                "--force",
                "--if-revision",
                "1");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aRecordOfAnApplicationsOwnThatNobodyOwnsIsRemovedAsSaid(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/jobs/workers/w-1", "{\"address\":\"10.0.0.7\"}");
        String wayOut = "rollcall nodes remove workers w-1 --root /jobs";
        at.refused(
                ExitCode.REFUSED, "'" + wayOut + " --backend ", "nodes", "drain", "workers", "w-1", "--root", "/jobs");
        at.ok((wayOut + " --force").replace("rollcall ", "").split(" "));
        assertThat(at.ok("list", "/")).contains("0 entries");
    }

    /** An owner whose records say nothing of pausing. */
    @ParameterizedTest
    @MethodSource("urls")
    void aRefusalIsInWordsForWhoHasAsked(String url) throws Exception {
        CommandRun at = CommandRun.on(url);
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<String> registry = NodeRegistry.builder(backend, NodeCodec.of(Bytes::ofUtf8, Bytes::utf8))
                        .root(Directory.of("/jobs"))
                        .build()) {
            Registration<String> owner = registry.register("workers", "w-1", "{\"a\":1}", RegistrationMode.PERSISTENT);
            owner.awaitRegistered(Duration.ofMinutes(2));
            CommandRun.Result run = at.run("nodes", "pause", "workers", "w-1", "--root", "/jobs");
            assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.REFUSED);
            assertThat(run.err())
                    .contains("its owner refuses to pause: its program does not say what becomes of a record then")
                    .doesNotContain("NodeCodec", "override");
        }
    }

    @ParameterizedTest
    @MethodSource("urls")
    void fieldsOfAnApplicationsOwnRecordsAreColumns(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok(
                "put",
                "/jobs/workers/w-1",
                "{\"address\":\"10.0.0.7\",\"label\":{\"zone\":\"z1\"},\"a.b\":3,\"none\":null}");
        assertThat(at.ok(
                        "nodes",
                        "list",
                        "workers",
                        "--root",
                        "/jobs",
                        "--columns",
                        "node,address,label.zone,a.b,none,x,alive"))
                .containsPattern("NODE +ADDRESS +LABEL.ZONE +A.B +NONE +X +ALIVE")
                .containsPattern("w-1 +10.0.0.7 +z1 +3 +yes");
        at.refused(
                ExitCode.USAGE, "has no name", "nodes", "list", "workers", "--root", "/jobs", "--columns", "node,,x");
    }
}
