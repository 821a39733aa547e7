package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exports, imports and named stores, on every store and from one to another. */
class CarryVerbsTest {
    private static final String HEAD = "{\"export\":\"rollcall/1\",\"directory\":\"/x\",\"entries\":1}\n";

    @TempDir
    Path folder;

    @BeforeEach
    void ownContexts() {
        System.setProperty("rollcall.contexts", folder.resolve("contexts").toString());
    }

    @AfterEach
    void noContexts() {
        System.clearProperty("rollcall.contexts");
    }

    static Stream<String> urls() {
        return CommandRun.urls();
    }

    private String file(String content) throws IOException {
        return Files.writeString(folder.resolve("file"), content).toString();
    }

    @Test
    void whatOneStoreExportsEachOtherImports() throws IOException {
        List<CommandRun> stores = urls().map(CommandRun::on).toList();
        CommandRun first = stores.get(0);
        first.ok("put", "/x/text", "a\"b\n\u00e9\u4e2d");
        first.ok(
                "put",
                "/x/bytes",
                "--file",
                Files.write(folder.resolve("in"), new byte[] {0, (byte) 0xff}).toString());
        first.ok("put", "/x/empty", "");
        String export = first.ok("export", "/x");
        for (int i = 0; i < stores.size(); i++) {
            CommandRun next = stores.get((i + 1) % stores.size());
            next.ok("import", file(export));
            // But for its head, which names the store, and the revisions, which are each store's own.
            String copied = next.ok("export", "/x");
            assertThat(entries(copied)).isEqualTo(entries(export));
            export = copied;
        }
    }

    private static List<String> entries(String export) {
        return export.lines()
                .skip(1)
                .map(line -> line.replaceAll("\"revision\":\\d+", ""))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void leasedEntriesAreMarkedAndStayWhereTheyAre(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/x/kept", "1");
        String export;
        try (CommandRun.Running holder = at.start("put", "/x/held", "2", "--hold")) {
            holder.awaitOut("/x/held written");
            export = at.ok("export", "/x");
        }
        assertThat(export).containsPattern("\"key\":\"/x/held\",\"revision\":\\d+,\"leased\":true,\"value\":\"2\"");
        assertThat(at.ok("import", file(export), "--into", "/y")).contains("1 created, 1 leased");
        assertThat(at.ok("list", "/y", "--keys")).isEqualToNormalizingNewlines("/y/kept\n");
        assertThat(at.ok("import", file(export), "--into", "/y", "--leased")).contains("1 created, 1 same");
        assertThat(at.ok("get", "/y/held", "-o", "json")).contains("\"leased\":false");
    }

    /** What is leased is left alone by the condition too, in the file and in the store. */
    @ParameterizedTest
    @MethodSource("urls")
    void onlyWhatNobodyWroteSinceIsReplaced(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        for (String key : new String[] {"a", "changed", "gone", "same"}) {
            at.ok("put", "/x/" + key, "old");
        }
        try (CommandRun.Running holder = at.start("put", "/x/held", "old", "--hold")) {
            holder.awaitOut("/x/held written");
            String edited = at.ok("export", "/x").replace("\"value\":\"old\"", "\"value\":\"new\"");
            edited = edited.replaceAll("(\"/x/same\".*\"value\":\")new", "$1old");
            at.ok("put", "/x/changed", "theirs");
            at.ok("delete", "/x/gone");
            String file = file(edited);
            assertThat(at.run("import", file, "--if-unchanged", "--dry-run").out())
                    .contains(
                            "replaced   /x/a\n",
                            "changed    /x/changed\n",
                            "leased     /x/held\n",
                            "same       /x/same\n");
            CommandRun.Result run = at.run("import", file, "--if-unchanged");
            assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.REFUSED);
            assertThat(run.out())
                    .isEqualToNormalizingNewlines("changed    /x/changed\nchanged    /x/gone\n"
                            + "Below /x: 2 changed, 1 leased, 1 replaced, 1 same\n");
            assertThat(at.ok("get", "/x/a", "--raw")).isEqualTo("new");
            assertThat(at.ok("get", "/x/changed", "--raw")).isEqualTo("theirs");
            assertThat(at.ok("get", "/x/held", "-o", "json")).contains("\"leased\":true,\"value\":\"old\"");
        }
        at.refused(ExitCode.REFUSED, "does not exist", "get", "/x/held");
        at.refused(ExitCode.REFUSED, "does not exist", "get", "/x/gone");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aDamagedExportIsRefusedWholeAndNamesTheLine(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/x/a", "before");
        String good = "{\"key\":\"/x/a\",\"revision\":1,\"leased\":false,\"value\":\"after\"}";
        String[][] damages = {
            {"", "This is no export"},
            {"{}", "This is no export"},
            {"not JSON", "Line 1 is not JSON"},
            {"{\"export\":\"rollcall/2\",\"directory\":\"/x\",\"entries\":0}", "This is no export"},
            {"{\"export\":\"rollcall/1\",\"directory\":\"x\",\"entries\":0}", "x"},
            {HEAD, "0 follow"},
            {HEAD + good + "\n" + good.replace("/x/a", "/x/b"), "2 follow"},
            {HEAD + good + "\n" + good, "Line 3: the key '/x/a' is there twice"},
            {HEAD + good.replace("/x/a", "/y/a"), "Line 2: the key '/y/a' is not below '/x'"},
            {HEAD + good.replace("/x/a", "/x//a"), "Line 2: "},
            {HEAD + good.replace("\"revision\":1,", ""), "Line 2 is no entry"},
            {HEAD + good.replace("\"after\"", "7"), "Line 2: the value must be text"},
            {HEAD + good.replace("\"value\":\"after\"", "\"valueBase64\":\"?\""), "Line 2: the value is not base64"},
            {HEAD + good.substring(0, good.length() - 3), "Line 2 is not JSON"},
            {HEAD + "[]", "Line 2 is not a JSON object"},
            {"\n" + HEAD + "\n" + "[]", "Line 4 is not a JSON object"},
            {HEAD + good.replace("after", "x".repeat(600_000)), "Line 2: the value is larger than the limit"}
        };
        for (String[] damage : damages) {
            at.refused(ExitCode.USAGE, damage[1], "import", file(damage[0]));
        }
        assertThat(at.ok("list", "/", "-o", "json"))
                .contains("\"value\":\"before\"")
                .hasLineCount(1);
        assertThat(at.ok("import", file(HEAD + good))).contains("1 replaced");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aStoreHasANameAndIsUsedByIt(String url) {
        CommandRun.on(url).ok("put", "/named", "1");
        of(ExitCode.OK, "is ", "context", "set", "here", "--url", url);
        of(ExitCode.OK, "", "context", "set", "memory", "--url", "inmemory:other");
        of(ExitCode.OK, "1", "get", "/named", "--raw");
        of(ExitCode.OK, "\"inUse\":\"memory\"", "context", "use", "memory", "-o", "json");
        of(ExitCode.REFUSED, "", "get", "/named");
        of(ExitCode.OK, "1", "get", "/named", "--raw", "--context", "here");
        of(ExitCode.OK, "by the context 'here'", "status", "--context", "here");
        of(ExitCode.OK, "memory", "context", "list");
        of(ExitCode.OK, "removed", "context", "remove", "memory");
        of(ExitCode.USAGE, "", "context", "use", "memory");
        of(ExitCode.USAGE, "", "context", "set", "bad", "--url", url + "?no-such-option=1");
        of(ExitCode.USAGE, "", "get", "/named", "--context", "here", "--backend", url);
        assertThat(CommandRun.of("context", "list").out())
                .contains("1 context in ")
                .doesNotContain("bad");
    }

    private static void of(int code, String shown, String... args) {
        CommandRun.Result result = CommandRun.of(args);
        assertThat(result.code())
                .as("%s: %s", String.join(" ", args), result.err())
                .isEqualTo(code);
        assertThat(result.out()).contains(shown);
        if (code == ExitCode.USAGE) {
            assertThat(result.err()).startsWith("rollcall: ").hasLineCount(1);
        }
    }
}
