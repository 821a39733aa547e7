package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The page in a real browser. A machine without one proves nothing here, and the last lines of the build say so.
 */
class ConsoleBrowserTest {
    private static final Path MISSING = Path.of("target", "no-browser.txt");
    private static final String PUMPS = "#/nodes/" + ConsoleFixture.encoded(ConsoleFixture.TIDB_PUMPS);
    private static final String HOSTILE = "<img src=x onerror=\"window.broken=1\">";

    private static @Nullable Browser browser;

    @BeforeAll
    static void findBrowser() throws IOException {
        browser = Browser.find().orElse(null);
        Files.createDirectories(MISSING.getParent());
        Files.deleteIfExists(MISSING);
        if (browser == null) {
            Files.writeString(
                    MISSING,
                    "Not proven here: the console's page in a browser. 'apt-get install chromium"
                            + " chromium-driver' brings one.");
        }
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    /** What is done in a browser. */
    private interface Steps {
        void run(Browser in, ConsoleFixture fixture) throws Exception;
    }

    private static void browse(boolean changes, Steps steps) throws Exception {
        if (browser == null) {
            return;
        }
        try (ConsoleFixture fixture = new ConsoleFixture(options -> options.allowChanges(changes))) {
            steps.run(browser, fixture);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static Registration<NodeStatus> register(ConsoleFixture fixture, String id) {
        return fixture.tidb.register("pumps", id, ConsoleFixture.pump(id), RegistrationMode.PERSISTENT);
    }

    @Test
    void nodesAreLiveFilteredAndSorted() throws Exception {
        browse(false, (in, fixture) -> {
            Registration<NodeStatus> one = register(fixture, "p-1");
            register(fixture, "p-2");
            in.open(fixture, "");
            in.awaitText("#alive-count", "2");
            in.awaitText(".rows", "p-2");

            in.click("[data-id='p-1']");
            in.awaitText("#record", "\"nodeId\": \"p-1\"");
            Futures.await(one.update(ConsoleFixture.pump("p-1").withScore(42)));
            in.awaitText("#story", "score: 0 → 42");
            in.awaitText("[data-id='p-1']", "42");

            in.click("[aria-label='Sort by Score']");
            in.await(
                    "the highest score first",
                    same -> same.text(".rows .row:first-child .name").equals("p-1"));
            in.type("#filter", "P-2 online");
            in.await("one row", same -> same.all(".rows .row").size() == 1);
            in.awaitText("#shown", "1 of 2");
            in.type("#filter", "nothing of the kind");
            in.awaitText(".empty", "No node passes the filter.");
            in.type("#filter", " ");

            one.close();
            in.awaitText("#story", "its owner left");
            in.awaitText("#alive-count", "1");
            in.await("a chart", same -> !same.all("time-chart canvas").isEmpty());
        });
    }

    @Test
    void ownerIsAskedAfterAConfirmation() throws Exception {
        browse(true, (in, fixture) -> {
            register(fixture, "p-1");
            in.open(fixture, PUMPS + "/p-1");
            in.click("[data-request='pause']");
            in.click("dialog [data-confirm]");
            in.awaitText("#record", "\"state\": \"pausing\"");
        });
    }

    @Test
    void hostileRecordIsText() throws Exception {
        browse(false, (in, fixture) -> {
            fixture.tidb.updateNode(
                    "pumps",
                    HOSTILE,
                    NodeStatus.builder(HOSTILE, "<script>window.broken=2</script>")
                            .build());
            Futures.await(fixture.other.put(Key.of("/tidb-binlog/v1/pumps/bad"), Bytes.ofUtf8("{" + HOSTILE)));
            in.open(fixture, PUMPS + "/" + ConsoleFixture.encoded(HOSTILE).replace("+", "%20"));
            in.awaitText(".rows", HOSTILE);
            in.awaitText("#details", HOSTILE);
            in.awaitText("#record", "<script>");
            assertThat(in.script("return window.broken")).isNull();
            assertThat(in.all("main img, main script")).isEmpty();
            in.awaitText("details.note", "1 entry is no node");
        });
    }

    @Test
    void lostStoreIsSaidAndItsReturnAsWell() throws Exception {
        browse(false, (in, fixture) -> {
            register(fixture, "p-1");
            in.open(fixture, PUMPS);
            in.awaitText("#alive-count", "1");
            fixture.seen.faults().disconnect();
            in.awaitText("#stale", "Stale since");
            in.awaitText("#store-away", "out of reach");
            in.awaitText(".rows", "p-1");
            fixture.seen.faults().reconnect();
            in.awaitNone("#stale");
            in.awaitNone("#store-away");
            register(fixture, "p-2");
            in.awaitText(".rows", "p-2");
        });
    }

    @Test
    void pageConnectsAgainToAConsoleThatWasRestarted() throws Exception {
        browse(false, (in, fixture) -> {
            register(fixture, "p-1");
            in.open(fixture, PUMPS);
            in.awaitText("#alive-count", "1");
            InetSocketAddress address = fixture.console.address();
            fixture.console.close();
            in.awaitText("#console-away", "does not answer");
            register(fixture, "p-2");
            try (Console again = Console.start(
                    fixture.seen, ConsoleOptions.builder().listen(address).build())) {
                assertThat(again.address()).isEqualTo(address);
                in.awaitNone("#console-away");
                in.awaitText("#alive-count", "2");
            }
        });
    }

    @Test
    void tenThousandNodesStaySmooth() throws Exception {
        browse(false, (in, fixture) -> {
            List<CompletableFuture<Commit>> writes = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                String id = String.format("n-%05d", i);
                writes.add(fixture.other.put(
                        Key.of("/tidb-binlog/v1/pumps/" + id),
                        NodeCodec.tidbBinlog().encode(ConsoleFixture.pump(id))));
            }
            for (CompletableFuture<Commit> write : writes) {
                Futures.await(write);
            }
            in.open(fixture, PUMPS);
            in.awaitText("#shown", "10,000 nodes");
            in.awaitText(".rows", "n-00000");
            assertThat(in.all(".rows .row")).as("rows drawn").hasSizeLessThan(100);
            in.script("document.getElementById('table').scrollTop = 1e9");
            in.awaitText(".rows", "n-09999");
            for (int i = 9_900; i < 10_000; i++) {
                String id = String.format("n-%05d", i);
                fixture.tidb.updateNode("pumps", id, ConsoleFixture.pump(id).withScore(i));
            }
            in.awaitText("[data-id='n-09999']", "9999");
            in.type("#filter", "n-04321");
            in.awaitText("#shown", "1 of 10,000");
        });
    }

    @Test
    void keysAreBrowsedSearchedAndFollowed() throws Exception {
        browse(false, (in, fixture) -> {
            Key key = Key.of("/app/config/limits");
            Futures.await(fixture.other.put(key, Bytes.ofUtf8("{\"slots\":8}")));
            Futures.await(fixture.other.put(Key.of("/app/blob"), Bytes.copyOf(new byte[] {(byte) 0xff, 1})));
            in.open(fixture, "#/keys");
            in.awaitText("#key-count", "2");
            in.click("[data-path='/app']");
            in.click("[data-path='/app/config']");
            in.click("[data-path='/app/config/limits']");
            in.awaitText("#value", "\"slots\": 8");
            Futures.await(fixture.other.put(key, Bytes.ofUtf8("{\"slots\":9}")));
            in.awaitText("#value", "\"slots\": 9");
            assertThat(in.all("#edit, #delete, #create")).as("changes").isEmpty();
            in.type("#search", "BLOB");
            in.awaitText("#found", "1 found");
            in.click(".tree button");
            in.awaitText("#value", "ff 01");
            Futures.await(fixture.other.delete(Key.of("/app/blob")));
            in.awaitText("#absent", "absent");
        });
    }

    @Test
    void keyIsChangedOnlyAsItWasSeen() throws Exception {
        browse(true, (in, fixture) -> {
            Key key = Key.of("/k");
            Futures.await(fixture.other.put(key, Bytes.ofUtf8("one")));
            in.open(fixture, "#/keys/%2Fk");
            in.awaitText("#value", "one");
            in.click("#edit");
            in.type("dialog textarea", "two");
            in.click("dialog [data-confirm]");
            in.awaitText("#value", "two");

            in.click("#edit");
            in.await("dialog textarea");
            Futures.await(fixture.other.put(key, Bytes.ofUtf8("theirs")));
            in.type("dialog textarea", "mine");
            in.click("dialog [data-confirm]");
            in.awaitText("#value", "theirs");
            in.await(".toast.bad");

            in.click("#delete");
            in.click("dialog [data-confirm]");
            in.awaitText("#absent", "absent");
        });
    }

    @Test
    void queuesAndTheStoreAreShown() throws Exception {
        browse(true, (in, fixture) -> {
            CoordinationOptions owner = CoordinationOptions.defaults().withOwner("builder-1");
            try (DistributedLock lock = DistributedLock.open(fixture.other, Directory.of("/locks/build"), owner)) {
                Futures.await(lock.acquire());
                in.open(fixture, "#/queues");
                in.awaitText("section .holder", "builder-1");
                in.click("section .danger");
                in.click("dialog [data-confirm]");
                in.awaitText("main .empty", "Nobody holds a lock");
            }
            in.open(fixture, "#/store");
            in.awaitText("#history", "connected");
            in.await(
                    "reads in the chart",
                    same -> !same.all("time-chart[data-points]").isEmpty());
            in.click("#measure");
            in.await("a measured write", same -> same.text("#write-latency").contains("s"));
        });
    }
}
