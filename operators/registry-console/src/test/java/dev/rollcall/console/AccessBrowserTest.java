package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.server.FreePorts;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** Who may see the page, in a real browser: tokens, other sites, the policy, certificates, and users who may read a part. */
class AccessBrowserTest {
    private static final String TOKEN = "0123456789abcdef-token";
    private static final Key KEY = Key.of("/app/k");
    private static final String PAGE_OF_KEY = "#/keys/%2Fapp%2Fk";

    @RegisterExtension
    static final InBrowser BROWSER = new InBrowser();

    @TempDir
    Path directory;

    private static void put(ConsoleFixture fixture, String value) throws InterruptedException {
        Futures.await(fixture.other.put(KEY, Bytes.ofUtf8(value)));
    }

    /** The address of the console under another name of this machine. */
    private static String url(ConsoleFixture fixture, String host) {
        return "http://" + host + ":" + fixture.console.address().getPort() + "/";
    }

    // --- The token

    @Test
    void tokenIsAskedForOnceAndLeadsToThePageThatWasWanted() throws Exception {
        BROWSER.browse(options -> options.token(TOKEN), (in, fixture) -> {
            put(fixture, "one");
            in.open(fixture, PAGE_OF_KEY);
            in.type("#token", "not-the-token-at-all");
            in.press(Keys.ENTER);
            in.awaitText("#refused", "This is not the console's token.");
            assertThat(in.address()).doesNotContain("not-the-token");
            assertThat(in.all("main .page")).isEmpty();

            in.type("#token", TOKEN);
            in.press(Keys.ENTER);
            in.awaitText("#value", "one");
            put(fixture, "two");
            in.awaitText("#value", "two");
            assertThat(in.address()).isEqualTo(fixture.console.url() + PAGE_OF_KEY);
            assertThat(in.cookies()).singleElement().satisfies(cookie -> {
                assertThat(cookie.getValue()).doesNotContain(TOKEN);
                assertThat(cookie.isHttpOnly()).isTrue();
                assertThat(cookie.getSameSite()).isEqualTo("Strict");
            });
            assertThat(in.script("return document.cookie")).isEqualTo("");
            // Not asked for again.
            in.open(fixture, "#/store");
            in.awaitText("#history", "connected");
        });
    }

    @Test
    void tokenInTheAddressDoesNotStayThere() throws Exception {
        BROWSER.browse(options -> options.token(TOKEN), (in, fixture) -> {
            put(fixture, "one");
            in.open(fixture, "?token=wrong-" + TOKEN + PAGE_OF_KEY);
            in.awaitText("#refused", "This is not the console's token.");
            assertThat(in.address()).doesNotContain(TOKEN).endsWith(PAGE_OF_KEY);
            in.open(fixture, "?token=" + TOKEN + PAGE_OF_KEY);
            in.awaitText("#value", "one");
            assertThat(in.address()).isEqualTo(fixture.console.url() + PAGE_OF_KEY);
            in.open(fixture, "index.html?token=" + TOKEN + PAGE_OF_KEY);
            in.awaitText("#value", "one");
            assertThat(in.address()).doesNotContain(TOKEN);
            assertThat(in.script("return document.referrer")).isEqualTo("");
            assertThat(in.script("return performance.getEntries().map(entry => entry.name).join()"))
                    .asString()
                    .doesNotContain(TOKEN);
        });
        // A link from the time when the console had one.
        BROWSER.browse(false, (in, fixture) -> {
            put(fixture, "one");
            in.open(fixture, "?token=" + TOKEN + PAGE_OF_KEY);
            in.awaitText("#value", "one");
            assertThat(in.address()).doesNotContain(TOKEN);
        });
    }

    @Test
    void consoleThatWasStartedAgainAsksForItsTokenAgain() throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", FreePorts.find());
        BROWSER.browse(options -> options.listen(address).token(TOKEN), (in, fixture) -> {
            put(fixture, "one");
            in.open(fixture, "?token=" + TOKEN + PAGE_OF_KEY);
            in.awaitText("#value", "one");
            fixture.console.close();
            in.awaitText("#console-away", "does not answer");
            try (Console again = Console.start(
                    fixture.seen,
                    ConsoleOptions.builder()
                            .listen(address)
                            .token(TOKEN)
                            .allowChanges(true)
                            .build())) {
                assertThat(again.address()).isEqualTo(address);
                in.type("#token", TOKEN);
                in.press(Keys.ENTER);
                in.awaitText("#value", "one");
                in.awaitText("header", "changes allowed");
            }
        });
    }

    @Test
    void pageThatIsOneTooManySaysSoAndGetsItsTurn() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            put(fixture, "one");
            try (Crowd crowd = new Crowd(fixture, Broadcaster.MOST_STREAMS)) {
                in.open(fixture, PAGE_OF_KEY);
                in.awaitText("#console-full", crowd.readers().size() + " pages follow this console already");
            }
            in.awaitNone("#console-full");
            in.awaitText("#value", "one");
        });
    }

    @Test
    void linkOfAnotherSiteIsFollowedWithoutAskingAgain() throws Exception {
        BROWSER.browse(options -> options.token(TOKEN), (in, fixture) -> {
            put(fixture, "one");
            in.open(fixture, "?token=" + TOKEN);
            in.await("nav");
            try (ForeignSite foreign = new ForeignSite()) {
                // The second is the address that the first led to, which people copy.
                for (String page : List.of("", "index.html")) {
                    in.open(foreign.url("localhost").toString());
                    in.script("document.body.innerHTML = '<a href=\"" + fixture.console.url() + page + PAGE_OF_KEY
                            + "\">look</a>'");
                    in.click("a");
                    in.awaitText("#value", "one");
                }
            }
        });
    }

    // --- Other sites

    /** What a page of another site can try; gives the names of what has succeeded. */
    private static final String ATTEMPTS = """
            const [base, key, done] = arguments;
            const change = JSON.stringify({ key, base64: '', revision: 0 });
            const loaded = (name, attributes) => new Promise((resolve, reject) => {
              const element = Object.assign(document.createElement(name), attributes);
              element.onload = resolve;
              element.onerror = () => reject(new Error(name));
              document.body.append(element);
            });
            const followed = new Promise((resolve, reject) => {
              const source = new EventSource(base + 'api/events?topic=store&topic=keys');
              source.onopen = resolve;
              source.onerror = () => { source.close(); reject(new Error('stream')); };
            });
            const attempts = {
              read: fetch(base + 'api/about'),
              readWithCookies: fetch(base + 'api/about', { credentials: 'include' }),
              change: fetch(base + 'api/put', { method: 'POST', body: change, headers: { 'Content-Type': 'application/json', 'X-Rollcall-Console': '1' } }),
              simpleChange: fetch(base + 'api/put', { method: 'POST', body: change }),
              blindChange: fetch(base + 'api/put', { method: 'POST', mode: 'no-cors', body: change }).then(() => { throw new Error('nothing is read'); }),
              follow: followed,
              script: loaded('script', { src: base + 'api/about' }),
              ownScript: loaded('script', { src: base + 'login.js' }),
              style: loaded('link', { rel: 'stylesheet', href: base + 'console.css' }),
              image: loaded('img', { src: base + 'icon.svg' }),
            };
            document.body.append(Object.assign(document.createElement('iframe'), { src: base }));
            Promise.allSettled(Object.values(attempts)).then(results =>
              done(Object.keys(attempts).filter((name, i) => results[i].status === 'fulfilled').join()));
            """;

    /** A form whose body is JSON but for a '=', sent as a page of any site may send one. */
    private static final String FORM = """
            const form = Object.assign(document.createElement('form'), { action: arguments[0] + 'api/put', method: 'post', enctype: 'text/plain' });
            form.append(Object.assign(document.createElement('input'), { name: `{"key":"${arguments[1]}","base64":"","revision":0,"x":"`, value: '"}' }));
            document.body.append(form);
            form.submit();
            """;

    @Test
    void pageOfAnotherSiteReadsAndChangesNothing() throws Exception {
        BROWSER.browse(options -> options.allowChanges(true).host(Browser.KNOWN_HOST), (in, fixture) -> {
            try (ForeignSite foreign = new ForeignSite()) {
                // Another site, another port of the same host, and a console without HTTPS, of which browsers tell
                // less.
                foreignPageFails(in, fixture, foreign.url("localhost").toString(), url(fixture, "127.0.0.1"));
                foreignPageFails(in, fixture, foreign.url("127.0.0.1").toString(), url(fixture, "127.0.0.1"));
                foreignPageFails(in, fixture, foreign.url("127.0.0.1").toString(), url(fixture, Browser.KNOWN_HOST));
            }
        });
    }

    private static void foreignPageFails(Browser in, ConsoleFixture fixture, String site, String console)
            throws InterruptedException {
        in.open(site);
        assertThat(in.asyncScript(ATTEMPTS, console, KEY.path()))
                .as("what %s can do to %s", site, console)
                .isEqualTo("");
        assertThat(in.complaints())
                .as("the frame")
                .anySatisfy(complaint -> assertThat(complaint).containsIgnoringCase("fram"));
        in.script(FORM, console, KEY.path());
        in.awaitText("body", "Requests of other pages");
        in.complaints();
        assertThat(Futures.await(fixture.other.keys(Directory.ROOT)).keys()).isEmpty();
    }

    @Test
    void nameThatWasMadeToLeadHereShowsNothing() throws Exception {
        BROWSER.browse(options -> options.host(Browser.KNOWN_HOST), (in, fixture) -> {
            put(fixture, "one");
            in.open(url(fixture, Browser.UNKNOWN_HOST) + PAGE_OF_KEY);
            in.awaitText("body", "The host '" + Browser.UNKNOWN_HOST);
            assertThat(in.asyncScript("const done = arguments[0]; fetch('/api/about').then(r => done(r.status), done)"))
                    .isEqualTo(403L);
            in.open(url(fixture, Browser.KNOWN_HOST) + PAGE_OF_KEY);
            in.awaitText("#value", "one");
            put(fixture, "two");
            in.awaitText("#value", "two");
        });
    }

    // --- The policy

    /** Puts into the page what a hole in it would let others put there, and counts what the browser refuses. */
    private static final String INJECTION = """
            const foreign = arguments[0];
            window.refused = {};
            addEventListener('securitypolicyviolation', e => { refused[e.effectiveDirective] = e.blockedURI; });
            document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.broken = 1' }));
            document.body.append(Object.assign(document.createElement('script'), { src: foreign + 'script.js' }));
            document.body.insertAdjacentHTML('beforeend', `<img src="${foreign}image.png"><button id="hole" onclick="window.broken = 2">x</button>
              <link rel="stylesheet" href="${foreign}style.css"><iframe src="${foreign}frame"></iframe><object data="${foreign}object"></object>`);
            document.getElementById('hole').click();
            fetch(foreign + 'fetched').catch(() => {});
            setTimeout('window.broken = 3');
            """;

    @Test
    void nothingThatIsPutIntoThePageRunsOrLoads() throws Exception {
        BROWSER.browse(false, (in, fixture) -> {
            try (ForeignSite foreign = new ForeignSite()) {
                in.open(fixture, "#/store");
                in.awaitText("#history", "connected");
                assertThat(in.complaints()).isEmpty();
                in.script(INJECTION, foreign.url("localhost").toString());
                List<String> refused = List.of(
                        "script-src-elem",
                        "script-src-attr",
                        "img-src",
                        "style-src-elem",
                        "frame-src",
                        "object-src",
                        "connect-src",
                        "script-src");
                in.await(
                        "refusals of " + refused,
                        same -> same.script("return refused") instanceof Map<?, ?> found
                                && found.keySet().containsAll(refused));
                assertThat(in.script("return window.broken")).isNull();
                assertThat(foreign.asked()).isEmpty();
                assertThat(in.complaints())
                        .isNotEmpty()
                        .allSatisfy(complaint -> assertThat(complaint).contains("Content Security Policy"));
            }
        });
    }

    // --- Certificates

    @Test
    void pageAndItsEventsComeUnderACertificate() throws Exception {
        TestCertificate certificate = TestCertificate.in(directory);
        UnaryOperator<ConsoleOptions.Builder> options =
                builder -> builder.tls(certificate.chain(), certificate.key()).token(TOKEN);
        BROWSER.browse(options, (in, fixture) -> {
            put(fixture, "one");
            in.open(fixture, PAGE_OF_KEY);
            assertThat(in.address()).startsWith("https://");
            in.type("#token", TOKEN);
            in.press(Keys.ENTER);
            in.awaitText("#value", "one");
            put(fixture, "two");
            in.awaitText("#value", "two");
            assertThat(in.cookies())
                    .singleElement()
                    .satisfies(cookie -> assertThat(cookie.isSecure()).isTrue());
        });
    }

    // --- Users who may read a part

    private static void noErrorIsShown(Browser in) {
        assertThat(in.text(".note.bad, .toast, #failure")).isEmpty();
        assertThat(in.text("#connection")).isEqualTo("connected");
    }

    @Test
    void userWhoMayReadOneDirectorySeesItAndNoError() throws Exception {
        BROWSER.use(in -> {
            try (InMemoryBackend backend = InMemoryStore.builder()
                    .name(UUID.randomUUID().toString())
                    .build()
                    .open()) {
                Futures.await(backend.put(Key.of("/mine/a/b"), Bytes.ofUtf8("seen")));
                Futures.await(backend.put(Key.of("/theirs/x"), Bytes.ofUtf8("secret")));
                KvBackend limited = LimitedUser.of(backend);
                try (Console console = Console.start(limited, anywhere().build())) {
                    directoryIsNamedOnThePage(in, console);
                }
                try (Console console = Console.start(
                        limited, anywhere().directory(LimitedUser.MINE).build())) {
                    in.open(console.url() + "#/keys");
                    in.awaitText("#key-count", "1");
                    in.click("[data-path='/mine/a']");
                    in.click("[data-path='/mine/a/b']");
                    in.awaitText("#value", "seen");
                    in.type("#search", "x");
                    in.awaitText("#found", "0 found");
                    noErrorIsShown(in);
                }
            }
        });
    }

    private static ConsoleOptions.Builder anywhere() {
        return ConsoleOptions.builder().listen(new InetSocketAddress("127.0.0.1", 0));
    }

    private static void directoryIsNamedOnThePage(Browser in, Console console) {
        in.open(console.url() + "#/keys");
        in.awaitText(".tree", "This user may not list /");
        noErrorIsShown(in);
        for (Map.Entry<String, String> wrong : Map.of(
                        "/theirs", "may not list /theirs either", "relative", "must start with")
                .entrySet()) {
            in.type("#directory", wrong.getKey());
            in.press(Keys.ENTER);
            in.awaitText(".toast", wrong.getValue());
            assertThat(in.all("[data-path='" + wrong.getKey() + "']")).isEmpty();
        }
        in.type("#directory", "/mine/");
        in.press(Keys.ENTER);
        in.click("[data-path='/mine/a']");
        in.click("[data-path='/mine/a/b']");
        in.awaitText("#value", "seen");
        for (String page : List.of("#/keys", "#/nodes", "#/queues", "#/store")) {
            in.open(console.url() + page);
            in.await("the connection", same -> same.text("#connection").equals("connected"));
            noErrorIsShown(in);
        }
        // Kept for the next time.
        in.open(console.url() + "#/keys");
        in.await("[data-path='/mine/a']");
    }
}
