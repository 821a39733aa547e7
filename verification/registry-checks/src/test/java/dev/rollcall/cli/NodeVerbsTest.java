package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes from the command line, on every store. */
class NodeVerbsTest {
    private static final String P_1 = "{\"nodeId\":\"p-1\",\"host\":\"10.0.0.7:8250\",\"state\":\"online\"}";

    static Stream<String> urls() {
        return CommandRun.urls();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aNodeIsWrittenChangedShownAndRemoved(String url) {
        CommandRun at = CommandRun.on(url);
        assertThat(at.ok("nodes", "update", "pumps", P_1)).containsPattern("pumps +p-1 +10.0.0.7:8250 +online");
        assertThat(at.ok("nodes", "update", "pumps", "p-1", "--state", "paused", "--score", "7", "-o", "json"))
                .contains("\"state\":\"paused\"", "\"score\":7", "\"alive\":false");
        assertThat(at.ok("nodes", "get", "pumps", "p-1")).containsPattern("p-1 +10.0.0.7:8250 +paused +no +no +7");
        assertThat(at.ok("nodes", "list", "pumps")).contains("1 node of kind pumps");
        assertThat(at.ok("nodes", "list", "none")).contains("0 nodes");
        at.refused(ExitCode.REFUSED, "p-2", "nodes", "get", "pumps", "p-2");
        at.refused(ExitCode.REFUSED, "p-2", "nodes", "update", "pumps", "p-2", "--score", "1");
        at.ok("put", "/tidb-binlog/v1/pumps/bad", "no JSON");
        assertThat(at.ok("nodes", "list", "pumps")).contains("unreadable", "/tidb-binlog/v1/pumps/bad");
        assertThat(at.ok("nodes", "remove", "pumps", "p-1")).contains("p-1 removed");
        assertThat(at.run("nodes", "remove", "pumps", "p-1").code()).isEqualTo(ExitCode.REFUSED);
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aWatchShowsNodesAsTheyComeAndGo(String url) {
        CommandRun at = CommandRun.on(url);
        try (CommandRun.Running watch = at.start("nodes", "watch", "pumps")) {
            watch.awaitOut("snapshot pumps");
            at.ok("nodes", "update", "pumps", P_1);
            assertThat(watch.awaitOut("present")).contains("p-1  10.0.0.7:8250  online  yes");
            at.ok("nodes", "remove", "pumps", "p-1", "--force");
            assertThat(watch.awaitOut("absent")).containsPattern("absent +pumps  p-1  \\d+");
        }
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aNodeIsRegisteredForAsLongAsThereIsInput(String url) {
        CommandRun at = CommandRun.on(url);
        at.okWith(P_1 + "\n", "nodes", "register", "pumps", "--ttl", "10s");
        assertThat(at.ok("nodes", "get", "pumps", "p-1", "-o", "json"))
                .contains("\"state\":\"paused\"", "\"alive\":false");
        at.refused(
                ExitCode.REFUSED,
                "The owner of the node 'p-1' has gone, so nobody would do that; the record is removed by"
                        + " 'rollcall nodes remove pumps p-1 --backend ",
                "nodes",
                "drain",
                "pumps",
                "p-1");
        assertThat(at.ok("nodes", "remove", "pumps", "p-1")).contains("p-1 removed");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aLiveNodeIsDrainedByItsOwner(String url) throws InterruptedException {
        CommandRun at = CommandRun.on(url);
        NodeStatus status =
                NodeStatus.builder("p-1", "h:1").state(NodeState.ONLINE).build();
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
                Registration<NodeStatus> owner =
                        registry.register("pumps", "p-1", status, RegistrationMode.PERSISTENT)) {
            Futures.await(owner.registered());
            assertThat(at.ok("nodes", "drain", "pumps", "p-1")).contains("p-1 was drained by its owner");
            assertThat(at.ok("nodes", "list", "pumps", "--columns", "node,state,alive"))
                    .containsPattern("p-1 +closing +yes");
        }
        assertThat(at.ok("nodes", "list", "pumps", "--columns", "node,state,alive"))
                .containsPattern("p-1 +offline +no");
    }
}
