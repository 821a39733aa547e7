package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.StandardStreams;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.RegistrationMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final String name = "main-test-" + STORES.incrementAndGet();
    private final String store = "inmemory:" + name;

    @AfterEach
    void dropStore() {
        InMemoryStore.drop(name);
    }

    @Test
    void writesAreSeenByReads() {
        assertThat(run("create", "/a/b", "one").code()).isZero();
        assertThat(run("update", "/a/b", "two").code()).isZero();
        assertThat(run("put", "/a/c", "").code()).isZero();
        Run get = run("get", "/a/b", "--output", "json");
        assertThat(get.out())
                .isEqualToIgnoringNewLines("{\"key\":\"/a/b\",\"revision\":2,\"leased\":false,\"value\":\"two\"}");
        assertThat(run("get", "/a/b").out())
                .contains("REVISION")
                .contains("/a/b")
                .contains("two");
        assertThat(run("list", "/a").out()).contains("2 entries below /a at revision 3");
        assertThat(run("list", "/a", "--keys").out()).isEqualToNormalizingNewlines("/a/b\n/a/c\n");
        assertThat(run("delete", "/a/b").code()).isZero();
        assertThat(run("list", "/a", "-o", "json").out().lines()).hasSize(1);
    }

    @Test
    void passwordOfAUrlInTheWrongPlaceIsNotShown() {
        assertThat(run("get", "etcd://me:hunter2@127.0.0.1:2379/x", "/a").err())
                .contains("--backend")
                .doesNotContain("hunter2");
    }

    @Test
    void compareAndSetTellsBothRevisions() {
        run("create", "/a", "one");
        run("put", "/a", "two");
        Run stale = run("update", "/a", "three", "--if-revision", "1");
        assertThat(stale.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(stale.err())
                .contains("expected at revision 1 but is at revision 2")
                .hasLineCount(1);
        assertThat(run("delete", "/a", "--if-revision", "2").code()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get /absent|1|does not exist",
                "create /a/b/c d --bogus|2|Unknown option: '--bogus'",
                "get nope|2|Not a key: 'nope': it must start with '/'. Did you mean '/nope'? Try 'rollcall get --help'.",
                "get /a/|2|must not end with '/'",
                "get etcd://127.0.0.1:2379/x /a|2|The store's URL is given with --backend.",
                "get|2|Missing required parameter: 'KEY'",
                "update /absent x|1|does not exist",
                "delete /absent|1|does not exist",
                "put /a|2|either as an argument or with --file",
                "put /a b --file c|2|either as an argument or with --file",
                "put /a --file /no/such/file|2|cannot be read",
                "get /a --output xml|2|TABLE, JSON",
                "get /a --timeout soon|2|must be a duration such as",
                "watch /a --after -1|2|is never negative",
                "nodes list a/b|2|a/b",
                "nodes get pumps absent|1|There is no node 'absent'",
                "nodes update pumps {|2|Not a node status",
                "nodes update pumps null --state online|1|does not exist",
                "nodes update pumps absent --state asleep|2|is not a state",
                "nodes update pumps absent|2|Say what to change",
                "nodes remove pumps absent|1|",
                "nodes|2|list, get, watch, update, pause, drain, remove or register",
                "demo --input /no/such/file|2|cannot be read",
                "update /a v --if-revision soon|2|'--if-revision': 'soon' is not a whole number",
                "delete /a --if-revision 99999999999999999999|2|'99999999999999999999' is out of range. Try",
                "tck inmemory:x --time-scale abc|2|'abc' is not a number. Try",
                "demo --nodes 1.5|2|'1.5' is not a whole number. Try",
                "nodes update pumps p --alive maybe|2|'maybe' is neither true nor false. Try",
                "demo --nodes 3|2|needs 4 to 10000 nodes",
                "watch / --signals 0|2|must be positive",
                "watch / --for 0s|2|is not a positive duration",
                "watch / --for soon|2|is not a duration such as 500ms, 5s, 2m or PT5S",
                "nodes register pumps --ttl -PT1S|2|is not a positive duration",
                "nonsense|2|Unknown command: 'nonsense'"
            })
    void aMistakeIsOneLineAndACode(String line, int code, String message) {
        Run run = run(line.split(" "));
        assertThat(run.code()).isEqualTo(code);
        assertThat(run.err()).contains(message == null ? "" : message).doesNotContain("\tat ");
        assertThat(run.err().lines().count()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis://u:s3cret@h|No backend for the scheme 'redis'",
                "inmemory:x?colour=red|Unknown option 'colour'",
                "inmemory|Not a backend URL",
                "inmemory:|name"
            })
    void aWrongUrlIsOneLineWithoutItsSecret(String url, String message) {
        Run run = Run.of("get", "/a", "--backend", url);
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message).doesNotContain("s3cret").hasLineCount(1);
    }

    @Test
    void nodesAreWrittenAndReadInTheirFormat() {
        String json =
                "{\"nodeId\":\"p-1\",\"host\":\"h:8250\",\"state\":\"online\",\"isAlive\":true,\"score\":3,\"label\":null,"
                        + "\"maxCommitTS\":1,\"updateTS\":2}";
        assertThat(run("nodes", "update", "pumps", json).code()).isZero();
        assertThat(run("get", "/tidb-binlog/v1/pumps/p-1").out()).contains(json);
        assertThat(run("nodes", "update", "pumps", "p-1", "--state", "paused", "--score", "9")
                        .code())
                .isZero();
        Run list = run("nodes", "list", "pumps", "-o", "json");
        assertThat(list.out()).contains("\"state\":\"paused\"").contains("\"score\":9");
        run("put", "/tidb-binlog/v1/pumps/broken", "not json");
        assertThat(run("nodes", "list", "pumps").out()).contains("unreadable").contains("1 node of kind pumps");
        assertThat(run("nodes", "remove", "pumps", "p-1").code()).isZero();
    }

    @Test
    void aRegisteredNodeLeavesPausedAtTheEndOfTheInput() {
        Run run = runWithInput(
                "{\"nodeId\":\"p-1\",\"isAlive\":true}\nbad\n{\"nodeId\":\"p-1\",\"state\":\"online\",\"score\":7}\n",
                "nodes",
                "register",
                "pumps");
        assertThat(run.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("REGISTERED").contains("The line is skipped.");
        assertThat(run("nodes", "list", "pumps", "-o", "json").out())
                .contains("\"score\":7")
                .contains("paused")
                .contains("\"alive\":false")
                .contains("its owner was closed or lost");
    }

    @Test
    void aStatusThatIsNotUtf8IsRefused() {
        byte[] latin = "{\"nodeId\":\"p-1\",\"host\":\"h\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        Run run = runWithInput(latin, "nodes", "register", "pumps");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("A line of standard input is not UTF-8.");
        assertThat(run("nodes", "get", "pumps", "p-1").code()).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void anIdOfSomebodyElseIsNotTaken() throws InterruptedException {
        try (KvBackend backend = KvBackends.open(store);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend)) {
            NodeStatus theirs = NodeStatus.builder("p-1", "theirs:1").build();
            Futures.await(registry.register("pumps", "p-1", theirs, RegistrationMode.PERSISTENT)
                    .update(theirs));
            Run run = runWithInput("{\"nodeId\":\"p-1\",\"host\":\"mine:1\"}\n", "nodes", "register", "pumps");
            assertThat(run.code()).isEqualTo(ExitCode.REFUSED);
            assertThat(run.err()).contains("CONFLICT").contains("The node has not been written");
            assertThat(run("nodes", "get", "pumps", "p-1").out()).contains("theirs:1");
        }
    }

    @Test
    void whatIsNotANodeIsARefusalAndNotAnOutage() {
        run("put", "/tidb-binlog/v1/pumps/broken", "not json");
        assertThat(run("nodes", "get", "pumps", "broken").code()).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void anErrorIsAFaultAndNotAnEscape() {
        Run run = Run.of("get", "/a", "--backend", "unlinked:x");
        assertThat(run.code()).isEqualTo(ExitCode.BUG);
        assertThat(run.err()).startsWith("rollcall: a fault in this program").contains("some/driver/Client");
    }

    @Test
    void theTimeoutOptionOverridesTheUrls() {
        assertThat(Run.of("get", "/a", "--timeout", "2s", "--backend", store + "?timeout=1s")
                        .err())
                .contains("does not exist");
    }

    @Test
    void aWatchShowsWhatIsThereAndEndsWhenAsked() {
        run("put", "/w/a", "1");
        Run watch = run("watch", "/w", "--signals", "1", "-o", "json");
        assertThat(watch.code()).isZero();
        assertThat(watch.out().lines()).hasSize(2).anyMatch(line -> line.contains("\"value\":\"1\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch /", "nodes watch pumps", "list /", "get /a", "--help", "tck --help"})
    @Timeout(300)
    void aReaderThatIsGoneEndsTheCommand(String line) {
        run("put", "/a", "1");
        boolean storeless = line.contains("--help");
        Run run = Run.intoNothing((storeless ? line : line + " --backend " + store).split(" "));
        assertThat(run.code()).isEqualTo(ExitCode.OUTPUT);
        assertThat(run.err()).contains("could not be written").hasLineCount(1);
    }

    @Test
    void durationsAreWrittenAsInUrls() {
        for (String time : new String[] {"1ms", "PT0.001S"}) {
            assertThat(run("watch", "/", "--for", time).code()).isZero();
        }
        assertThat(new DurationConverter().convert("2m")).hasMinutes(2);
    }

    @Test
    void aWriteToMemoryIsSaidToEndWithTheCommand() {
        assertThat(run("put", "/a", "1").err())
                .contains("this store ends with this command")
                .hasLineCount(1);
        assertThat(run("get", "/a").err()).isEmpty();
    }

    @Test
    void theUsageShowsWhatMayBeLeftOut() {
        assertThat(Run.of("list", "--help").out()).contains("[KEY]");
        assertThat(Run.of("watch", "--help").out()).contains("[KEY]");
    }

    @Test
    void aReadWithoutAStoreSaysWhereItReads() {
        for (String line : List.of("get /a", "list", "watch --signals 1", "nodes list pumps", "nodes get pumps p")) {
            assertThat(Run.of(line.split(" ")).err())
                    .as(line)
                    .contains("no store was named", "--backend")
                    .contains("which is empty");
        }
        assertThat(run("list").err()).isEmpty();
    }

    @Test
    void aWatchThatFindsNoStoreSaysSoOnceAndEndsAsUnreachable() {
        Run run = Run.of("watch", "/", "--for", "3s", "-b", "etcd://127.0.0.1:1");
        assertThat(run.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(run.err()).startsWith("rollcall: The store ").hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void anOutageIsToldOnceWithItsReason() throws InterruptedException {
        StringWriter err = new StringWriter();
        try (InMemoryBackend backend = (InMemoryBackend) KvBackends.open(store)) {
            backend.faults().disconnect();
            try (Outage outage = new Outage(backend, new PrintWriter(err, true))) {
                assertThat(outage.await(new CountDownLatch(1), Duration.ofMillis(1)))
                        .isEqualTo(ExitCode.UNAVAILABLE);
                backend.faults().reconnect();
                assertThat(outage.await(new CountDownLatch(1), Duration.ofMillis(1)))
                        .isEqualTo(ExitCode.OK);
            }
        }
        assertThat(err.toString()).contains("The store is out of reach").hasLineCount(1);
    }

    @Test
    void recordsOfAnApplicationsOwnAreShownAsTheyAre() {
        run("put", "/jobs/workers/w-1", "{\"address\":\"10.0.0.7:9000\",\n \"label\":\"x\"}");
        Run list = run("nodes", "list", "workers", "--root", "/jobs");
        assertThat(list.out())
                .contains("RECORD", "{\"address\":\"10.0.0.7:9000\",\"label\":\"x\"}", "1 node of kind workers")
                .doesNotContain("MAX COMMIT TS", "unreadable");
        assertThat(list.out().lines().skip(1).findFirst().orElseThrow()).containsPattern("w-1 +yes +yes +1 ");
        assertThat(run("nodes", "get", "workers", "w-1", "--root", "/jobs", "-o", "json")
                        .out())
                .contains("\"status\":{\"address\":\"10.0.0.7:9000\",\"label\":\"x\"}", "\"alive\":true")
                .doesNotContain("maxCommitTS");
    }

    @Test
    void recordWithSomethingBehindItIsUnreadable() {
        run("put", "/jobs/forgers/f-1", "{\"a\":1},\"alive\":false,\"x\":{}");
        Run list = run("nodes", "list", "forgers", "--root", "/jobs", "-o", "json");
        assertThat(list.out()).doesNotContain("\"alive\":false,\"x\"");
        assertThat(run("nodes", "list", "forgers", "--root", "/jobs").out()).contains("unreadable");
    }

    @Test
    void bothFormatsInOneKindAreTwoTables() {
        run("put", "/jobs/pumps/own", "{\"a\":1}");
        run("put", "/jobs/pumps/p-1", "{\"nodeId\":\"p-1\",\"state\":\"online\"}");
        Run list = run("nodes", "list", "pumps", "--root", "/jobs");
        assertThat(list.out()).contains("MAX COMMIT TS", "RECORD", "{\"a\":1}", "2 nodes");
        // What is not in the store is not shown either.
        assertThat(run("nodes", "list", "pumps", "--root", "/jobs", "-o", "json")
                        .out())
                .contains("\"status\":{\"nodeId\":\"p-1\",\"state\":\"online\"}");
    }

    @Test
    void helpIsAVerbAsWell() {
        assertThat(Run.of("help").out()).isEqualTo(Run.of("--help").out());
        assertThat(Run.of("help", "nodes", "list").out())
                .isEqualTo(Run.of("nodes", "list", "--help").out())
                .contains("rollcall nodes list");
        assertThat(Run.of("help", "nope").code()).isEqualTo(ExitCode.USAGE);
        assertThat(Run.of("help", "nope").err()).contains("Unknown command: 'nope'");
    }

    @Test
    void anInputThatSomebodyHasToTypeIsAskedFor() {
        System.setProperty(StandardStreams.INPUT, "terminal");
        try {
            Run run = runWithInput("{\"nodeId\":\"p-1\"}\n", "nodes", "register", "pumps");
            assertThat(run.code()).isZero();
            assertThat(run.err())
                    .startsWith("rollcall: This reads from the terminal")
                    .contains("Ctrl-D");
        } finally {
            System.clearProperty(StandardStreams.INPUT);
        }
        assertThat(runWithInput("{\"nodeId\":\"p-2\"}\n", "nodes", "register", "pumps")
                        .err())
                .doesNotContain("terminal");
    }

    @Test
    void whatCouldMoveTheCursorIsEscaped() {
        run("put", "/esc", "\u001b[2Jred\u202e");
        assertThat(run("get", "/esc").out()).contains("\\u001b[2Jred\\u202e").doesNotContain("\u001b");
    }

    private Run runWithInput(String input, String... args) {
        return runWithInput(input.getBytes(StandardCharsets.UTF_8), args);
    }

    private Run runWithInput(byte[] input, String... args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input));
        try {
            return run(args);
        } finally {
            System.setIn(before);
        }
    }

    private Run run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        boolean storeless =
                args.length == 0 || args[0].equals("nonsense") || (args[0].equals("nodes") && args.length == 1);
        if (storeless) {
            return Run.of(args);
        }
        all[args.length] = "--backend";
        all[args.length + 1] = store;
        return Run.of(all);
    }

    @Test
    void librariesAddNoLinesOfTheirOwn() throws IOException {
        // As the log manager does, for whoever logs first.
        assertThat(new QuietLogging()).isNotNull();
        try {
            assertThat(Logger.getLogger("io.grpc.netty.shaded").isLoggable(Level.INFO))
                    .isFalse();
            assertThat(Logger.getLogger("some.other").isLoggable(Level.INFO)).isTrue();
        } finally {
            LogManager.getLogManager().readConfiguration();
        }
    }
}
