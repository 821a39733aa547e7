package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.NodeLabel;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.Keys;

/** The page as an operator uses it, in a real browser: what has happened, a long search, the back button, the keyboard alone, addresses written by hand. */
class OperatorBrowserTest {
    private static final String PUMPS = "#/nodes/" + ConsoleFixture.encoded(ConsoleFixture.TIDB_PUMPS);
    private static final String WORKERS = "#/nodes/" + ConsoleFixture.encoded(ConsoleFixture.WORKERS);

    @RegisterExtension
    static final InBrowser BROWSER = new InBrowser();

    private static String page(Key key) {
        return "#/keys/" + ConsoleFixture.encoded(key.path()).replace("+", "%20");
    }

    private static String value(ConsoleFixture fixture, Key key) throws InterruptedException {
        return Futures.await(fixture.other.get(key)).value().orElseThrow().utf8();
    }

    /** As the page writes it. */
    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static void fill(ConsoleFixture fixture, String format, int keys) throws InterruptedException {
        List<CompletableFuture<Commit>> commits = new ArrayList<>();
        Txn.Builder txn = Txn.builder();
        for (int i = 0; i < keys; i++) {
            txn.put(Key.of(String.format(format, i)), Bytes.EMPTY);
            if (i % Limits.MAX_TXN_WRITES == Limits.MAX_TXN_WRITES - 1 || i == keys - 1) {
                commits.add(fixture.other.commit(txn.build()));
                txn = Txn.builder();
            }
        }
        for (CompletableFuture<Commit> commit : commits) {
            Futures.await(commit);
        }
    }

    // --- Nodes

    @Test
    void columnsTellWhoIsAliveAndWhyAndHowOldItIs() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            fixture.tidb.updateNode("pumps", "old", ConsoleFixture.pump("old"));
            in.open(fixture, PUMPS);
            in.awaitText("[data-id='old']", ">");
            NodeStatus status = NodeStatus.builder("new", "10.1.2.3:8250")
                    .score(17)
                    .label(NodeLabel.of(Map.of("zone", "eu-a")))
                    .build();
            fixture.tidb.register("pumps", "new", status, RegistrationMode.PERSISTENT);
            in.awaitText("[data-id='new']", "claimed");
            for (String part : List.of("new", "alive", "online", "10.1.2.3:8250", "17", "zone=eu-a", " s")) {
                in.awaitText("[data-id='new']", part);
            }
            assertThat(in.text("[data-id='new'] [title^='since']")).endsWith(" s");
            assertThat(in.text("[data-id='old'] [title^='there before']")).startsWith("> ");
            in.click("[aria-label='Sort by Age']");
            in.await(
                    "the youngest first",
                    same -> same.text(".rows .row:first-child .name").equals("new"));
            in.type("#filter", "zone=eu-a");
            in.awaitText("#shown", "1 of 2");
        });
    }

    @Test
    void storyTellsWhoWasLostAndCameBackAndWhatWasEphemeral() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            fixture.tidb.register("pumps", "p-1", ConsoleFixture.pump("p-1"), RegistrationMode.PERSISTENT);
            in.open(fixture, PUMPS + "/p-1");
            in.awaitText("#alive-count", "1");
            in.await("#record");
            fixture.other.faults().disconnect();
            fixture.other.faults().expireLeases();
            in.awaitText("#story", "its owner was lost");
            in.awaitText("#alive-count", "0");
            in.click("[aria-label='Which nodes'] button:last-child");
            in.awaitText("[data-id='p-1']", "owner gone");
            fixture.other.faults().reconnect();
            in.awaitText("#story .tag.good", "back");
            in.awaitText(".empty", "No node passes the filter.");
            in.click("[aria-label='Which nodes'] button:first-child");

            Registration<ConsoleFixture.Worker> worker = fixture.workers.register(
                    "workers", "w-1", new ConsoleFixture.Worker("h:1", 3), RegistrationMode.EPHEMERAL);
            in.open(fixture, WORKERS + "/w-1");
            in.awaitText("#details", "ephemeral: goes with its owner");
            worker.close();
            in.awaitText("#story", "its ephemeral record is gone");
            in.awaitText("#details", "This node is not there.");
        });
    }

    @Test
    void tableIsDrawnWhereItIsScrolledTo() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            for (int i = 0; i < 300; i++) {
                String id = String.format("n-%03d", i);
                fixture.tidb.updateNode("pumps", id, ConsoleFixture.pump(id));
                fixture.tidb.updateNode("drainers", "d" + id, ConsoleFixture.pump("d" + id));
            }
            in.open(fixture, PUMPS);
            in.awaitText("#shown", "300 nodes");
            in.script("document.getElementById('table').scrollTop = 1e9");
            in.awaitText(".rows", "n-299");
            in.click("nav [href='#/keys']");
            in.await("#search");
            in.back();
            in.awaitText(".rows", "n-000");
            in.script("document.getElementById('table').scrollTop = 1e9");
            in.awaitText(".rows", "n-299");
            in.click("nav [href$='drainers']");
            in.awaitText(".rows", "dn-000");
        });
    }

    @Test
    void addressesWrittenByHandLeadSomewhere() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            fixture.tidb.updateNode("pumps", "p-1", ConsoleFixture.pump("p-1"));
            for (String unknown : List.of("#/nothing", "#/constructor", "#nonsense", "#/")) {
                in.open(fixture, unknown);
                in.awaitText("#alive-count", "1");
            }
            in.open(fixture, "#/nodes/absent/x");
            in.awaitText("#unknown-kind", "no nodes of a kind absent");
            in.awaitText("#details", "There is no kind 'absent'");
            in.open(fixture, PUMPS + "/absent");
            in.awaitText("#details", "This node is not there.");
            in.open(fixture, "#/keys/%E0%A4%A");
            in.awaitText("#connection", "connected");
            in.awaitText("main .note.warn", "must start with");
            in.open(fixture, "#/keys/%2F100%25");
            in.awaitText("#absent", "absent");
        });
    }

    @Test
    void pageInTheBackgroundFollowsNothingUntilItIsLookedAt() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            fixture.tidb.updateNode("pumps", "p-1", ConsoleFixture.pump("p-1"));
            in.open(fixture, PUMPS);
            in.awaitText("#alive-count", "1");
            in.script("""
                    const Original = window.EventSource;
                    window.streams = [];
                    window.EventSource = class extends Original { constructor(url) { super(url); streams.push(this); } };
                    EventSource.CLOSED = Original.CLOSED;
                    window.look = looking => {
                      Object.defineProperty(document, 'hidden', { configurable: true, get: () => !looking });
                      document.dispatchEvent(new Event('visibilitychange'));
                    };
                    look(false);
                    look(true);
                    """);
            in.await("one stream", same -> Boolean.TRUE.equals(same.script("return streams.length === 1")));
            in.script("look(false)");
            assertThat(in.script("return streams.every(stream => stream.readyState === EventSource.CLOSED)"))
                    .isEqualTo(true);
            fixture.tidb.updateNode("pumps", "p-2", ConsoleFixture.pump("p-2"));
            in.script("look(true)");
            in.awaitText("#alive-count", "2");
        });
    }

    // --- Keys

    @Test
    void hundredThousandKeysAreSearchedAndALongLevelStaysAsItIsShown() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            fill(fixture, "/tenants/all/key-%06d", 100_000);
            in.open(fixture, "#/keys");
            in.awaitText("#key-count", "100,000 keys");
            in.type("#search", "TENANTS key-099942");
            in.awaitText("#found", "1 found");
            in.click(".tree button");
            in.awaitText(".head .name", "/tenants/all/key-099942");
            in.type("#search", "all");
            in.awaitText("#found", "100,000 found, the first 200 shown");
            in.type("#search", " ");
            in.await("[data-path='/tenants/all/key-000999']");
            in.click(".more");
            in.await("[data-path='/tenants/all/key-001999']");
            // What others write does not take away what was asked for.
            Futures.await(fixture.other.put(Key.of("/tenants/all/a-new-one"), Bytes.EMPTY));
            in.await("[data-path='/tenants/all/a-new-one']");
            assertThat(in.all("[data-path='/tenants/all/key-001900']")).hasSize(1);
        });
    }

    @Test
    void valueIsFollowedOrNotAndShownInEachForm() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            Key key = Key.of("/k");
            Futures.await(fixture.other.put(key, Bytes.ofUtf8("{\"n\":1}")));
            in.open(fixture, page(key));
            in.awaitText("#value", "\"n\": 1");
            in.click("[aria-label='Show as'] button:nth-child(2)");
            in.awaitText("#value", "{\"n\":1}");
            in.click("[aria-label='Show as'] button:nth-child(3)");
            in.awaitText("#value", "7b 22 6e 22");
            in.click("[aria-label='Show as'] button:nth-child(1)");
            in.click("#follow");
            long revision = Futures.await(fixture.other.put(key, Bytes.ofUtf8("{\"n\":2}")))
                    .revision();
            // The page has heard of it and of what came later, and shows what it showed.
            Futures.await(fixture.other.put(Key.of("/later"), Bytes.EMPTY));
            in.await("[data-path='/later']");
            assertThat(in.text("#value")).contains("\"n\": 1");
            in.click("#follow");
            in.awaitText("#value", "\"n\": 2");
            in.awaitText("#revision", number(revision));
            try (Registration<ConsoleFixture.Worker> worker = fixture.workers.register(
                    "workers", "w-1", new ConsoleFixture.Worker("h:1", 3), RegistrationMode.EPHEMERAL)) {
                Futures.await(worker.registered());
                in.open(fixture, page(Key.of("/jobs/workers/nodes/w-1")));
                in.awaitText("dl", "leased: goes with its owner");
            }
        });
    }

    @Test
    void largeValueIsShownAndEdited() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            Key key = Key.of("/large");
            String text = "0123456789".repeat(Limits.MAX_VALUE_BYTES / 10);
            Futures.await(fixture.other.put(key, Bytes.ofUtf8(text)));
            // Indented, each of its numbers would be a line of two thousand blanks.
            String deep = "[".repeat(900) + "1,".repeat(250_000) + "1" + "]".repeat(900);
            Futures.await(fixture.other.put(Key.of("/deep"), Bytes.ofUtf8(deep)));
            in.open(fixture, page(Key.of("/deep")));
            in.awaitText("#value", "[[[[[[[[");
            in.open(fixture, page(key));
            in.awaitText("#value", "0123456789");
            in.click("#edit");
            in.await("dialog textarea");
            in.script("const area = document.querySelector('dialog textarea'); area.value = 'X' + area.value.slice(1)");
            in.click("dialog [data-confirm]");
            in.awaitText(".toast", "Written at revision");
            assertThat(value(fixture, key)).isEqualTo("X" + text.substring(1));
        });
    }

    @Test
    void lineEndsAreKeptByAnEdit() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            Key windows = Key.of("/windows");
            Key unix = Key.of("/unix");
            Key mixed = Key.of("/mixed");
            Futures.await(fixture.other.put(windows, Bytes.ofUtf8("a\r\nb\r\n")));
            Futures.await(fixture.other.put(unix, Bytes.ofUtf8("\na\nb\n")));
            Futures.await(fixture.other.put(mixed, Bytes.ofUtf8("a\r\nb\n")));
            for (Key key : List.of(windows, unix)) {
                in.open(fixture, page(key));
                in.click("#edit");
                in.await("dialog textarea").sendKeys(Keys.chord(Keys.CONTROL, Keys.END), "c");
                in.click("dialog [data-confirm]");
                in.awaitText(".toast", "Written at revision");
            }
            assertThat(value(fixture, windows)).isEqualTo("a\r\nb\r\nc");
            assertThat(value(fixture, unix)).isEqualTo("\na\nb\nc");
            in.open(fixture, page(mixed));
            in.click("#edit");
            in.awaitText(".toast", "line ends of several kinds");
            assertThat(in.all("dialog")).isEmpty();
        });
    }

    @Test
    void keyIsCreatedAndRenamedByTheKeyboardAlone() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            Futures.await(fixture.other.put(Key.of("/taken"), Bytes.ofUtf8("theirs")));
            in.open(fixture, "#/keys");
            in.await("#create");
            in.script("document.getElementById('create').focus()");
            in.press(Keys.ENTER);
            in.await("dialog");
            for (CharSequence key : List.of("/k", Keys.TAB, "one", Keys.TAB, Keys.TAB, Keys.ENTER)) {
                in.press(key);
            }
            in.awaitText("#value", "one");
            in.awaitNone("dialog");

            in.script("document.getElementById('rename').focus()");
            in.press(Keys.ENTER);
            in.await("dialog");
            in.press(Keys.chord(Keys.CONTROL, "a"), "/moved", Keys.ENTER);
            in.awaitText(".head .name", "/moved");
            in.awaitText("#value", "one");

            // What fails leaves everything where it was.
            in.script("document.getElementById('copy-to').focus()");
            in.press(Keys.ENTER);
            in.await("dialog");
            in.press(Keys.chord(Keys.CONTROL, "a"), "/taken", Keys.ENTER);
            in.await(".toast.bad");
            in.awaitText(".head .name", "/moved");
            assertThat(value(fixture, Key.of("/taken"))).isEqualTo("theirs");

            // Enter on a question that destroys is no.
            in.script("document.getElementById('delete').focus()");
            in.press(Keys.ENTER);
            in.await("dialog");
            in.press(Keys.ENTER);
            in.awaitNone("dialog");
            in.script("document.getElementById('delete').focus()");
            in.press(Keys.ENTER);
            in.await("dialog");
            in.press(Keys.ESCAPE);
            in.awaitNone("dialog");
            assertThat(value(fixture, Key.of("/moved"))).isEqualTo("one");
        });
    }

    @Test
    void questionEndsWithThePageThatItIsAbout() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            Futures.await(fixture.other.put(Key.of("/a"), Bytes.ofUtf8("one")));
            Futures.await(fixture.other.put(Key.of("/b"), Bytes.ofUtf8("two")));
            in.open(fixture, page(Key.of("/a")));
            in.awaitText("#value", "one");
            in.click("[data-path='/b']");
            in.awaitText("#value", "two");
            in.click("#delete");
            in.await("dialog");
            in.back();
            in.awaitText("#value", "one");
            in.awaitNone("dialog");
            assertThat(Futures.await(fixture.other.keys(Directory.ROOT)).keys()).hasSize(2);
        });
    }

    @Test
    void longNamesStayInTheirPlaces() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            String name = "n".repeat(200);
            Key key = Key.of("/" + name + "/" + name);
            Futures.await(fixture.other.put(key, Bytes.ofUtf8("v".repeat(5_000))));
            fixture.tidb.updateNode("pumps", name, ConsoleFixture.pump(name));
            CoordinationOptions owner = CoordinationOptions.defaults().withOwner(name);
            try (DistributedLock lock = DistributedLock.open(fixture.other, Directory.of("/" + name + "/l"), owner)) {
                Futures.await(lock.acquire());
                for (int width : new int[] {0, 390}) {
                    in.screen(width);
                    in.open(fixture, page(key));
                    in.awaitText("#value", "vvv");
                    assertThat(in.overflow()).as("keys at %d", width).isZero();
                    in.open(fixture, PUMPS + "/" + name);
                    in.awaitText("#record", name);
                    assertThat(in.overflow()).as("nodes at %d", width).isZero();
                    in.open(fixture, "#/queues");
                    in.awaitText("section .holder", name);
                    assertThat(in.overflow()).as("queues at %d", width).isZero();
                }
            } finally {
                in.screen(0);
            }
        });
    }

    // --- Locks and elections, and the store

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

    @Test
    void queueBehindAHolderIsShownAndMovesUp() throws Exception {
        BROWSER.browse(true, (in, fixture) -> {
            CoordinationOptions builder = CoordinationOptions.defaults().withOwner("builder-1");
            try (LeaderElection election = LeaderElection.open(fixture.other, Directory.of("/elections/e"));
                    DistributedLock lock = DistributedLock.open(fixture.other, Directory.of("/locks/build"), builder)) {
                long token = Futures.await(lock.acquire()).token().revision();
                election.join("first", new Silent());
                in.open(fixture, "#/queues");
                in.awaitText("[aria-label='/elections/e'] .holder", "first");
                in.awaitText("[aria-label='/locks/build']", number(token));
                in.awaitText("[aria-label='/locks/build']", "nobody waits");
                in.awaitText(
                        "[aria-label='/locks/build']",
                        "process " + ProcessHandle.current().pid());
                election.join("second", new Silent());
                in.awaitText("[aria-label='/elections/e'] tbody", "1. second");
                in.awaitText("[aria-label='/elections/e']", "1 waits");
                in.click("[aria-label='/elections/e'] .danger");
                in.awaitText("dialog", "second");
                in.click("dialog [data-confirm]");
                in.awaitText("[aria-label='/elections/e'] .holder", "second");
            }
        });
    }

    @Test
    void storeTellsItsHistoryAndWhatItCanDo() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            in.open(fixture, "#/store");
            in.awaitText("#history", "connected");
            for (String part : List.of("Every revision delivered", "Leases", "Longest key", "512 B", "512.0 KiB")) {
                in.awaitText("main", part);
            }
            in.await(
                    "both charts",
                    same -> same.all("time-chart[data-points] canvas").size() == 2);
            fixture.seen.faults().disconnect();
            in.awaitText("#history", "disconnected");
            in.awaitText("#connection", "disconnected");
            fixture.seen.faults().reconnect();
            in.await("all that has happened", same -> same.all("#history tr").size() == 3);
            in.awaitText("#connection", "connected");
            assertThat(in.all("#measure, #create")).as("changes").isEmpty();
        });
    }

    @Test
    void slowStoreIsWaitedForAndNothingElseWaits() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            Futures.await(fixture.other.put(Key.of("/k"), Bytes.ofUtf8("one")));
            fixture.tidb.updateNode("pumps", "p-1", ConsoleFixture.pump("p-1"));
            in.open(fixture, PUMPS);
            in.awaitText("#alive-count", "1");
            fixture.seen.faults().holdAnswers();
            in.open(fixture, page(Key.of("/k")));
            in.awaitText(".details", "…");
            in.click("[data-path='/tidb-binlog']");
            in.await("[data-path='/tidb-binlog/v1']");
            in.click("nav [href='#/nodes']");
            in.awaitText("[data-id='p-1']", "alive");
            in.back();
            fixture.seen.faults().releaseAnswers();
            in.awaitText("#value", "one");
        });
    }
}
