package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.RegistrationMode;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command finds nodes by what is in the store, whichever layout they have. */
class LayoutsTest {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final String name = "layouts-test-" + STORES.incrementAndGet();
    private final KvBackend backend = KvBackends.open("inmemory:" + name);
    private final NodeRegistry<String> workers = NodeRegistry.builder(backend, NodeCodec.of(Bytes::ofUtf8, Bytes::utf8))
            .root(Directory.of("/fleet"))
            .layout(NodeLayout.BY_KIND)
            .build();

    @BeforeEach
    void registerOne() throws InterruptedException {
        Futures.await(workers.register("workers", "w-1", "{\"slots\":4}", RegistrationMode.PERSISTENT)
                .registered());
    }

    @AfterEach
    void dropStore() {
        workers.close();
        backend.close();
        InMemoryStore.drop(name);
    }

    private Run run(String line) {
        return Run.of((line + " --root /fleet -b inmemory:" + name).split(" "));
    }

    @Test
    void nodesInADirectoryOfTheirKindAreFound() {
        assertThat(run("nodes list workers").out())
                .contains("{\"slots\":4}", "its owner holds a claim on it", "1 node of kind workers")
                .doesNotContain("unreadable");
        assertThat(run("nodes get workers w-1").out()).contains("{\"slots\":4}");
        Run absent = run("nodes get workers w-2");
        assertThat(absent.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(absent.err()).contains("/fleet/workers/nodes/w-2");
    }

    @Test
    void nodesOfTidbBesideThemAreFoundAsWell() {
        Run put = Run.of(
                "put", "/fleet/pumps/p-1", "{\"nodeId\":\"p-1\",\"state\":\"online\"}", "-b", "inmemory:" + name);
        assertThat(put.code()).isZero();
        assertThat(run("nodes list pumps").out()).contains("p-1", "1 node of kind pumps");
        assertThat(run("nodes list workers").out()).contains("1 node of kind workers");
    }

    @Test
    void whichIsMeantCanBeSaidAndHasToBeIfThereAreBoth() {
        assertThat(run("nodes list workers --layout tidb").out()).contains("too deep", "0 nodes");
        assertThat(run("nodes list none --layout by-kind").out()).contains("looked at /fleet/none/nodes there");
        Run.of("put", "/fleet/workers/w-9", "{\"a\":1}", "-b", "inmemory:" + name);
        Run both = run("nodes list workers");
        assertThat(both.code()).isEqualTo(ExitCode.USAGE);
        assertThat(both.err())
                .contains("--layout tidb, for /fleet/workers/NODE", "--layout by-kind, for /fleet/workers/nodes/NODE")
                .hasLineCount(1);
        assertThat(run("nodes list workers --layout by-kind").out()).contains("1 node of kind workers");
        Run wrong = run("nodes list workers --layout flat");
        assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
        assertThat(wrong.err()).contains("'flat' is not a layout").hasLineCount(1);
    }
}
