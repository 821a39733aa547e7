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
import dev.rollcall.tck.server.FreePorts;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;

/** The page in a real browser: what its pages show and do. */
class ConsoleBrowserTest {
    private static final String PUMPS = "#/nodes/" + ConsoleFixture.encoded(ConsoleFixture.TIDB_PUMPS);
    private static final String HOSTILE = "<img src=x onerror=\"window.broken=1\">";

    @RegisterExtension
    static final InBrowser BROWSER = new InBrowser();

    private static Registration<NodeStatus> register(ConsoleFixture fixture, String id) {
        return fixture.tidb.register("pumps", id, ConsoleFixture.pump(id), RegistrationMode.PERSISTENT);
    }

    @Test
    void nodesAreLiveFilteredAndSorted() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
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
        BROWSER.browse(true, (in, fixture) -> {
            register(fixture, "p-1");
            in.open(fixture, PUMPS + "/p-1");
            in.click("[data-request='pause']");
            in.click("dialog [data-confirm]");
            in.awaitText("#record", "\"state\": \"pausing\"");
        });
    }

    @Test
    void hostileRecordIsText() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
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
    void hostileKeyValueAndOwnerAreText() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            Key key = Directory.of("/app").key(HOSTILE);
            Futures.await(fixture.other.put(key, Bytes.ofUtf8(HOSTILE)));
            in.open(fixture, "#/keys/" + ConsoleFixture.encoded(key.path()).replace("+", "%20"));
            in.awaitText("#value", HOSTILE);
            in.awaitText(".tree", "<img src=x");
            CoordinationOptions owner = CoordinationOptions.defaults().withOwner(HOSTILE);
            Directory place = Directory.of("/locks").key(HOSTILE).asDirectory();
            try (DistributedLock lock = DistributedLock.open(fixture.other, place, owner)) {
                Futures.await(lock.acquire());
                in.open(fixture, "#/queues");
                in.awaitText("section .holder", HOSTILE);
                in.awaitText("section .name", HOSTILE);
            }
            assertThat(in.script("return window.broken")).isNull();
            assertThat(in.all("main img, main script")).isEmpty();
        });
    }

    /** Text on what is behind it, as WCAG 2.2 counts: 4.5 to 1, and 3 to 1 for large text. Gives what falls short. */
    private static final String LOW_CONTRAST = """
            const rgba = text => {
              const numbers = text.match(/[\\d.]+/g).map(Number);
              const scale = text.startsWith('color(') ? 255 : 1;
              return [...numbers.slice(0, 3).map(n => n * scale), numbers[3] ?? 1];
            };
            const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
            const background = element => {
              if (!element) return [255, 255, 255, 1];
              const own = rgba(getComputedStyle(element).backgroundColor);
              return own[3] === 1 ? own : over(own, background(element.parentElement));
            };
            const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
              const c = colour[i] / 255;
              return sum + share * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            }, 0);
            const found = [];
            let looked = 0;
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
              const text = walker.currentNode.textContent.trim();
              const element = walker.currentNode.parentElement;
              if (!text || !element.checkVisibility() || element.closest('script, style, :disabled')) continue;
              looked++;
              const style = getComputedStyle(element);
              const back = background(element);
              const [a, b] = [light(over(rgba(style.color), back)), light(back)].sort((x, y) => y - x);
              const size = parseFloat(style.fontSize);
              const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
              const contrast = (a + 0.05) / (b + 0.05);
              if (contrast < (large ? 3 : 4.5)) found.push(`${text}: ${contrast.toFixed(2)}`);
            }
            return looked < 10 ? `only ${looked} texts` : found.join('; ');
            """;

    @Test
    void everyPageIsReadableInLightAndDarkAndOnANarrowScreen() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            register(fixture, "p-1");
            register(fixture, "p-2").close();
            Futures.await(fixture.other.put(Key.of("/app/config"), Bytes.ofUtf8("{}")));
            try (DistributedLock lock = DistributedLock.open(fixture.other, Directory.of("/locks/build"))) {
                Futures.await(lock.acquire());
                for (boolean dark : new boolean[] {false, true}) {
                    in.dark(dark);
                    looksWell(in, fixture, PUMPS + "/p-1", "#record");
                    looksWell(in, fixture, "#/keys/%2Fapp%2Fconfig", "#value");
                    looksWell(in, fixture, "#/queues", "section .holder");
                    looksWell(in, fixture, "#/store", "#history");
                }
            } finally {
                in.screen(0);
                in.dark(false);
            }
        });
    }

    private static void looksWell(Browser in, ConsoleFixture fixture, String page, String selector) {
        for (int width : new int[] {0, 390}) {
            in.screen(width);
            in.open(fixture, page);
            in.await(selector);
            assertThat(in.script(LOW_CONTRAST))
                    .as("too little contrast on " + page)
                    .isEqualTo("");
            assertThat(in.overflow())
                    .as("what does not fit on %s at %d", page, width)
                    .isZero();
        }
    }

    @Test
    void tableTreeAndDetailsAreOperatedByKeys() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            register(fixture, "p-1");
            register(fixture, "p-2");
            Futures.await(fixture.other.put(Key.of("/app/a"), Bytes.ofUtf8("v")));
            in.open(fixture, PUMPS);
            in.awaitText(".rows", "p-2");
            in.script("document.getElementById('table').focus()");
            in.press(Keys.ARROW_DOWN);
            in.awaitText("#record", "\"nodeId\": \"p-1\"");
            in.press(Keys.ARROW_DOWN);
            in.awaitText("#record", "\"nodeId\": \"p-2\"");
            in.press(Keys.ESCAPE);
            in.awaitNone("#details");

            in.open(fixture, "#/keys");
            in.await("[data-path='/app']");
            in.script("document.querySelector(\"[data-path='/app']\").focus()");
            in.press(Keys.ARROW_RIGHT);
            in.await("[data-path='/app/a']");
            in.press(Keys.ARROW_DOWN);
            in.press(Keys.ENTER);
            in.awaitText("#value", "v");
        });
    }

    @Test
    void lostStoreIsSaidAndItsReturnAsWell() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
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
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", FreePorts.find());
        BROWSER.browse(options -> options.listen(address), (in, fixture) -> {
            register(fixture, "p-1");
            in.open(fixture, PUMPS);
            in.awaitText("#alive-count", "1");
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
        BROWSER.browse(false, (in, fixture) -> {
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
        BROWSER.browse(false, (in, fixture) -> {
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
            in.script("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }");
            in.click("#copy");
            in.await("a command", same -> same.script("return window.copied") != null);
            assertThat(in.script("return window.copied")).isEqualTo("rollcall get /app/config/limits");
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
        BROWSER.browse(true, (in, fixture) -> {
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
    void keyIsCopiedAndRenamedAndARegistrationsOwnIsWarnedOf() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            Futures.await(fixture.other.put(Key.of("/k"), Bytes.ofUtf8("one")));
            in.open(fixture, "#/keys/%2Fk");
            in.awaitText("#value", "one");
            in.click("[aria-label='Show as'] button:last-child");
            in.awaitText("#value", "6f 6e 65");
            in.click("#copy-to");
            in.type("dialog input", "/copy");
            in.click("dialog [data-confirm]");
            in.awaitText(".head .name", "/copy");
            in.await("#rename");
            in.click("#rename");
            in.type("dialog input", "/moved");
            in.click("dialog [data-confirm]");
            in.awaitText(".head .name", "/moved");
            assertThat(Futures.await(fixture.other.keys(Directory.ROOT)).keys())
                    .containsExactly(Key.of("/k"), Key.of("/moved"));

            register(fixture, "p-1");
            in.open(fixture, PUMPS);
            in.awaitText(".rows", "p-1");
            in.open(fixture, "#/keys/%2Ftidb-binlog%2Fv1%2Fpumps%2Fp-1");
            in.awaitText(".note.warn", "write its own value back");
            in.click("#edit");
            in.awaitText("dialog .note.warn", "write its own value back");
        });
    }

    @Test
    void queuesAndTheStoreAreShown() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
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
