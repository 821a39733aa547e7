package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.kv.BackendUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The verbs for entries say and do the same on every store. */
class KeyVerbsTest {
    @TempDir
    Path folder;

    static Stream<String> urls() {
        return CommandRun.urls();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void treeLsAndCountShowWhatIsThere(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/a/b/c", "1");
        at.ok("put", "/a/b", "2");
        at.ok("put", "/a/d/e", "3");
        assertThat(at.ok("ls", "/a")).isEqualToNormalizingNewlines("b\nd\n");
        assertThat(at.ok("ls", "/a", "-l"))
                .containsPattern("b +\\d+ +no +1 +1\n")
                .containsPattern("d/ +1\n");
        assertThat(at.ok("ls", "/", "-o", "json")).contains("{\"name\":\"a\",\"key\":\"/a\"}");
        assertThat(at.ok("count", "/a")).isEqualToNormalizingNewlines("3\n");
        assertThat(at.ok("count", "/nothing")).isEqualToNormalizingNewlines("0\n");
        assertThat(at.ok("tree", "/"))
                .contains("/\n└── a/\n    ├── b\n    │   └── c\n    └── d/\n        └── e\n", "3 entries below / at");
        assertThat(at.ok("tree", "/", "--depth", "2", "--values")).contains("├── b = 2  … 1", "d/  … 1");
        assertThat(at.ok("tree", "/a", "-o", "json")).contains("\"below\":3", "\"children\":[{\"name\":\"b\"");
    }

    /** As typed by who knows etcdctl or zkCli, where keys are whole. A URL of memory has no prefix, only a name. */
    @ParameterizedTest
    @MethodSource("urls")
    void aPathThatRepeatsThePrefixIsExplainedWhereNothingIsFound(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/a/b", "1");
        String prefix = BackendUrl.parse(url).path();
        String path = prefix.startsWith("/") ? prefix + "/a" : "/" + prefix + "/a";
        for (String verb : List.of("get", "list", "ls", "tree", "count")) {
            String err = at.run(verb, path).err();
            if (url.startsWith("inmemory:")) {
                assertThat(err).as(verb).doesNotContain("the URL ends in");
            } else {
                assertThat(err).as(verb).contains("the URL ends in " + prefix, prefix + path, "the path is /a.");
            }
            assertThat(at.run(verb, "/nothing").err()).as(verb).doesNotContain("the URL ends in");
        }
        assertThat(at.run("list", "/a").err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aValueOfAnyBytesGoesInAndOutByFile(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        byte[] bytes = {0, (byte) 0xff, '\n', 'x'};
        Path in = Files.write(folder.resolve("in"), bytes);
        Path out = folder.resolve("out");
        at.ok("put", "/f", "--file", in.toString());
        assertThat(at.ok("get", "/f", "--file", out.toString())).contains("4 bytes of /f");
        assertThat(out).hasBinaryContent(bytes);
        at.ok("put", "/t", "no line break");
        assertThat(at.ok("get", "/t", "--raw")).isEqualTo("no line break");
        at.refused(ExitCode.REFUSED, "does not exist", "get", "/none", "--raw");
        at.refused(ExitCode.REFUSED, "does not exist", "get", "/none", "--file", out.toString());
        // What was there stays.
        assertThat(out).hasBinaryContent(bytes);
        at.refused(ExitCode.USAGE, "does not exist", "get", "/t", "--file", folder + "/no/such");
        at.refused(ExitCode.USAGE, "is a directory", "get", "/t", "--file", folder.toString());
        at.refused(ExitCode.USAGE, "Give one of", "get", "/t", "--raw", "-o", "json");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aHeldEntryIsLeasedAndGoesWithTheCommand(String url) {
        CommandRun at = CommandRun.on(url);
        for (String verb : new String[] {"put", "create"}) {
            CommandRun.Result held = at.run(verb, "/h/" + verb, "here", "--hold", "--ttl", "30s", "--for", "100ms");
            assertThat(held.code()).as(held.err()).isZero();
            assertThat(held.err()).contains("The entry stays for as long as this runs");
            at.refused(ExitCode.REFUSED, "does not exist", "get", "/h/" + verb);
        }
        at.refused(ExitCode.USAGE, "--ttl is for --hold", "put", "/h/x", "v", "--ttl", "3s");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aRecursiveDeletionTakesAllAndShowsItBefore(String url) {
        CommandRun at = CommandRun.on(url);
        for (int i = 0; i < 70; i++) {
            at.ok("put", "/d/" + i, "v");
        }
        at.ok("put", "/d", "self");
        at.ok("put", "/do", "beside");
        assertThat(at.ok("delete", "/d", "--recursive", "--dry-run"))
                .contains("/d/69\n", "71 entries would be deleted at and below /d");
        assertThat(at.ok("delete", "/d", "--recursive")).contains("71 entries deleted at and below /d");
        assertThat(at.ok("list", "/", "--keys")).isEqualToNormalizingNewlines("/do\n");
        at.refused(ExitCode.REFUSED, "There is nothing at '/d' or below it", "delete", "/d", "--recursive");
        at.refused(ExitCode.USAGE, "add --yes", "delete", "/", "--recursive");
        assertThat(at.ok("delete", "/", "--recursive", "--yes")).contains("1 entry deleted");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aTransactionIsAllOrNothing(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/a", "1");
        Path move = Files.writeString(
                folder.resolve("move.json"),
                "{\"if\": [{\"present\": \"/a\"}, {\"absent\": \"/b\"}],\n"
                        + " \"then\": [{\"delete\": \"/a\"}, {\"put\": \"/b\", \"valueBase64\": \"/wA=\"}]}");
        assertThat(at.ok("txn", move.toString())).contains("2 writes committed at revision ");
        at.refused(ExitCode.REFUSED, "'/a'", "txn", move.toString());
        assertThat(at.ok("list", "/", "-o", "json"))
                .contains("\"valueBase64\":\"/wA=\"")
                .hasLineCount(1);
        for (String bad : new String[] {
            "",
            "[]",
            "{}",
            "{\"if\":1}",
            "{\"else\":[]}",
            "{\"then\":[{\"put\":\"/a\"}]}",
            "{\"then\":[{\"put\":\"a\",\"value\":\"\"}]}",
            "{\"if\":[{\"absent\":\"/a\",\"x\":1}]}",
            "{\"if\":[{\"key\":\"/a\",\"revision\":1.5}]}",
            "{\"if\":[{\"key\":\"/a\",\"revision\":0}]}",
            "{\"then\":[{\"put\":\"/a\",\"valueBase64\":\"!\"}]}",
            "{\"then\":[3]}",
            "{\"then\":[{\"delete\":\"/a\"},{\"delete\":\"/a\"}]}",
            "{\"then\":[]} x"
        }) {
            at.refused(
                    ExitCode.USAGE,
                    "",
                    "txn",
                    Files.writeString(folder.resolve("bad"), bad).toString());
        }
        at.refused(
                ExitCode.USAGE, "cannot be read", "txn", folder.resolve("none").toString());
    }

    @ParameterizedTest
    @MethodSource("urls")
    void whatIsExportedCanBeImportedElsewhere(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        for (int i = 0; i < 70; i++) {
            at.ok("put", "/x/" + i, "v" + i);
        }
        String file = folder.resolve("x.jsonl").toString();
        assertThat(at.ok("export", "/x", "--file", file)).contains("70 entries below /x at revision ");
        assertThat(at.ok("export", "/x").lines())
                .hasSize(71)
                .first()
                .asString()
                .startsWith("{\"export\":\"rollcall/1\"");
        assertThat(at.ok("import", file)).contains("Below /x: 70 same");
        assertThat(at.ok("import", file, "--into", "/y", "--dry-run")).contains("created    /y/9\n", "70 created");
        assertThat(at.ok("count", "/y")).startsWith("0");
        assertThat(at.ok("import", file, "--into", "/y")).contains("Below /y: 70 created");
        at.ok("put", "/x/1", "changed");
        at.ok("delete", "/x/2");
        assertThat(at.ok("import", file, "--if-absent")).contains("1 created, 1 kept, 68 same");
        CommandRun.Result unchanged = at.run("import", file, "--if-unchanged");
        assertThat(unchanged.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(unchanged.out()).contains("2 changed, 68 same");
        assertThat(at.ok("import", file, "-o", "json")).contains("\"replaced\":1", "\"same\":69");
        assertThat(at.ok("get", "/x/1", "--raw")).isEqualTo("v1");
    }
}
