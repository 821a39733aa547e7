package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command says when something is odd about its arguments or its store. */
class MessagesTest {
    private static final String STORE = "messages-test";

    /** Turns the direction of what follows it. */
    private static final String MARK = "\u202e";

    @AfterEach
    void dropStore() {
        InMemoryStore.drop(STORE);
        InMemoryStore.drop("refusing-x");
    }

    private static Run with(String input, String... args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return Run.of(args);
        } finally {
            System.setIn(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get /x@a",
                "put /x@a v@",
                "create /x@a v@",
                "create /x@a v@",
                "get /x@a",
                "list /x@",
                "list /",
                "list / --keys",
                "watch / --signals 1",
                "update /none@ v",
                "update /x@a v --if-revision 99",
                "delete /none@",
                "get x@a",
                "get //@",
                "put /file@ -f /none@",
                "nonsense@",
                "nodes nonsense@",
                "list / --non@sense",
                "watch / --for 5@s",
                "nodes update p@ {\"nodeId\":\"n@\",\"host\":\"h@\",\"state\":\"s@\"}",
                "nodes update p@ n@ --score 1",
                "nodes update p@ none@ --score 1",
                "nodes update p@ n@ --state s@",
                "nodes update p@ {@}",
                "nodes list p@",
                "nodes list none@",
                "nodes list p@ --root /r@",
                "nodes list p/@",
                "nodes get p@ n@",
                "nodes get p@ none@",
                "nodes get p@ n/@",
                "nodes remove p@ none@",
                "nodes remove p@ n@ --if-revision 99",
                "nodes register p@",
                "nodes remove p@ n@",
                "get /a --backend etcd://h@/a",
                "get /a --backend nothing@:x",
                "get /a --backend inmemory:x?a@=1",
                "get /a --timeout 1@",
                "help none@",
                "tck --fixture none@"
            })
    void nothingThatTurnsTheTextIsShown(String line) {
        with("", "put", "/x" + MARK + "a", "v", "--backend", "inmemory:" + STORE);
        with("", ("nodes update p" + MARK + " {\"nodeId\":\"n" + MARK + "\"} --backend inmemory:" + STORE).split(" "));
        String shown = line.replace("@", MARK);
        boolean storeless = line.contains("--backend") || line.contains("nonsense") || line.matches("(help|tck) .*");
        Run run = with(
                "{\"nodeId\":\"r" + MARK + "\"}\n{" + MARK + "}\n{\"nodeId\":\"" + MARK + "\"}\n",
                (storeless ? shown : shown + " --backend inmemory:" + STORE).split(" "));
        assertThat(run.out() + run.err()).isNotEmpty().doesNotContain(MARK);
    }

    @Test
    void aWriteWithoutAStoreSaysWhereItWrites() {
        for (String line : List.of(
                "put /a v",
                "create /a v",
                "update /a v",
                "delete /a",
                "nodes update pumps p --state paused",
                "nodes update pumps {\"nodeId\":\"p\"}",
                "nodes remove pumps p",
                "nodes register pumps")) {
            Run run = with("{\"nodeId\":\"p\"}\n", line.split(" "));
            InMemoryStore.drop("rollcall");
            assertThat(run.err())
                    .as(line)
                    .containsOnlyOnce("Note: no store was named, so this writes to the memory of this command")
                    .doesNotContain("this store ends");
        }
    }

    @ParameterizedTest
    @CsvSource({"denied, 5", "unanswered, 4"})
    void aNodeThatIsNotWrittenSaysWhyAndEndsAsAnyWrite(String scheme, int code) {
        Run run = with("{\"nodeId\":\"p\"}\n", "nodes", "register", "pumps", "--backend", scheme + ":x");
        assertThat(run.err())
                .contains("The node has not been written: commit on refusing failed: ")
                .doesNotContain("..");
        assertThat(run.code()).as(run.err()).isEqualTo(code);
    }

    @Test
    void aNodeThatMayNotBeWrittenEndsTheCommandThoughItsInputIsOpen() throws IOException {
        InputStream before = System.in;
        try (PipedInputStream input = new PipedInputStream();
                OutputStream typed = new PipedOutputStream(input)) {
            System.setIn(input);
            typed.write("{\"nodeId\":\"p\"}\n".getBytes(StandardCharsets.UTF_8));
            typed.flush();
            CompletableFuture<Run> running =
                    CompletableFuture.supplyAsync(() -> Run.of("nodes", "register", "pumps", "-b", "denied:x"));
            assertThat(running).succeedsWithin(Duration.ofMinutes(2));
            Run run = running.getNow(null);
            assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DENIED);
            // The last line says why, for those who keep no more.
            assertThat(run.err())
                    .endsWith("The node has not been written: commit on refusing failed: this user may not write.\n");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void operationsHaveTheWordsOfTheCommandAndNotThoseOfJava() {
        for (String operation : List.of("updateNode", "removeNode", "grantLease", "revokeLease", "commit")) {
            KvException failure = new KvException(
                    new KvException.Context("a-store", operation, "/" + operation),
                    Outcome.NOT_APPLIED,
                    false,
                    "why",
                    null);
            assertThat(PlainText.sentence(failure))
                    .doesNotContainPattern("^[a-z]+[A-Z]")
                    .endsWith(" of '/" + operation + "' on a-store failed: why.");
        }
    }

    @Test
    void aHostThatNobodyKnowsIsAStoreOutOfReach() {
        for (String url : List.of("zookeeper://no-such-host.invalid:2181/r", "etcd://no-such-host.invalid:2379/r")) {
            Run run = Run.of("get", "/a", "--timeout", "2s", "--backend", url);
            assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.UNAVAILABLE);
            assertThat(run.err())
                    .startsWith("rollcall: ")
                    .contains("no-such-host.invalid")
                    .hasLineCount(1);
        }
    }

    @Test
    void aLaterLineThatIsDeniedSaysWhyAndEndsAsAnyWrite() throws IOException, InterruptedException {
        InputStream before = System.in;
        Run run;
        try (KvBackend seen = KvBackends.open("inmemory:refusing-later");
                PipedInputStream input = new PipedInputStream();
                OutputStream typed = new PipedOutputStream(input)) {
            System.setIn(input);
            CompletableFuture<Run> running = CompletableFuture.supplyAsync(
                    () -> Run.of("nodes", "register", "pumps", "--backend", "deniedlater:later"));
            typed.write("{\"nodeId\":\"p\"}\n".getBytes(StandardCharsets.UTF_8));
            typed.flush();
            Key record = Key.of("/tidb-binlog/v1/pumps/p");
            // Two lines at once would be one write.
            while (!Futures.await(seen.get(record)).isPresent()) {
                assertThat(running).isNotDone();
                Thread.onSpinWait();
            }
            typed.write("{\"nodeId\":\"p\",\"score\":1}\n".getBytes(StandardCharsets.UTF_8));
            typed.close();
            assertThat(running).succeedsWithin(Duration.ofMinutes(2));
            run = running.getNow(null);
        } finally {
            System.setIn(before);
            InMemoryStore.drop("refusing-later");
        }
        assertThat(run.err())
                .contains("REGISTERED: ")
                .containsOnlyOnce(
                        "The last status has not been written: commit on refusing failed: this user may not write.")
                .doesNotContain("The node has not been written");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DENIED);
    }

    @ParameterizedTest
    @CsvSource({
        "/tidb-binlog/v1, /tidb-binlog/v1/tidb-binlog/v1/pumps, --root / if",
        "/apps/tidb-binlog, /apps/tidb-binlog/tidb-binlog/v1/pumps, --root /v1 if",
        "/tidb-binlog/v1/pumps, /tidb-binlog/v1/pumps/tidb-binlog/v1/pumps, leave that out of the URL.",
        "?prefix=tidb-binlog/v1, tidb-binlog/v1/tidb-binlog/v1/pumps, --root / if",
        "?prefix=x/tidb-binlog, x/tidb-binlog/tidb-binlog/v1/pumps, --root /v1 if",
        "?prefix=tidb-binlog/v1/pumps, tidb-binlog/v1/pumps/tidb-binlog/v1/pumps, leave that out of the prefix."
    })
    void aRootThatTheUrlHasAlreadyIsNoted(String prefix, String place, String wayOut) {
        for (String verb : List.of(
                "list pumps",
                "get pumps p",
                "remove pumps p",
                "update pumps {\"nodeId\":\"p\"}",
                "update pumps p --score 1")) {
            // The note does not wait for a store.
            Run run = with(
                    "{\"nodeId\":\"p\"}\n",
                    ("nodes " + verb + " --timeout 50ms --backend etcd://127.0.0.1:1" + prefix).split(" "));
            assertThat(run.err())
                    .as(verb)
                    .containsOnlyOnce("rollcall: Note: this looks at " + place + ", since the ")
                    .contains(wayOut);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/v1",
                "/apps",
                "/tidb-binlog/v2",
                "/x-tidb-binlog",
                "/pumps",
                "/tidb-binlog/v1/apps",
                "?prefix=apps",
                "?prefix=a/v1"
            })
    void otherUrlsAreNot(String prefix) {
        Run run = Run.of(("nodes list pumps --timeout 50ms --backend etcd://127.0.0.1:1" + prefix).split(" "));
        assertThat(run.err()).doesNotContain("Note:");
    }
}
