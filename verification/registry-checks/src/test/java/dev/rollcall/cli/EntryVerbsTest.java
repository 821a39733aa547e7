package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One entry, what is below a directory, and what changes there, on every store. */
class EntryVerbsTest {
    @TempDir
    Path folder;

    static Stream<String> urls() {
        return CommandRun.urls();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void anEntryIsCreatedUpdatedShownAndDeleted(String url) {
        CommandRun at = CommandRun.on(url);
        assertThat(at.ok("create", "/a", "1")).containsPattern("/a created at revision \\d+");
        at.refused(ExitCode.REFUSED, "exists", "create", "/a", "2");
        String revision = at.ok("get", "/a", "-o", "json").replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
        assertThat(at.ok("get", "/a")).containsPattern("/a +" + revision + " +no +1 +1\n");
        at.refused(
                ExitCode.REFUSED,
                "'/a'",
                "update",
                "/a",
                "2",
                "--if-revision",
                Long.toString(Long.parseLong(revision) + 1));
        assertThat(at.ok("update", "/a", "2", "--if-revision", revision, "-o", "json"))
                .contains("\"key\":\"/a\",\"done\":\"updated\",\"revision\":");
        assertThat(at.ok("get", "/a", "--raw")).isEqualTo("2");
        at.refused(ExitCode.REFUSED, "'/a'", "delete", "/a", "--if-revision", revision);
        assertThat(at.ok("delete", "/a")).contains("/a deleted at revision ");
        at.refused(ExitCode.REFUSED, "does not exist", "get", "/a");
        at.refused(ExitCode.REFUSED, "'/a'", "update", "/a", "3");
        at.refused(ExitCode.REFUSED, "'/a'", "delete", "/a");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void whatIsBelowIsListedAsOfOneRevision(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/l/b", "2");
        at.ok("put", "/l/a", "1");
        at.ok("put", "/la", "beside");
        assertThat(at.ok("list", "/l"))
                .containsPattern("KEY +REVISION +LEASED +BYTES +VALUE\n/l/a +\\d+ +no +1 +1\n/l/b +\\d+ +no +1 +2\n")
                .contains("2 entries");
        assertThat(at.ok("list", "/l", "-o", "json").lines())
                .hasSize(2)
                .first()
                .asString()
                .contains("\"key\":\"/l/a\"", "\"value\":\"1\"");
        assertThat(at.ok("list", "/nothing")).contains("0 entries");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aWatchShowsWhatIsThereAndWhatChanges(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/w/a", "1");
        try (CommandRun.Running watch = at.start("watch", "/w")) {
            assertThat(watch.awaitOut("/w/a  1")).contains("snapshot", "entry");
            at.ok("put", "/w/b", "2");
            assertThat(watch.awaitOut("/w/b  2")).containsPattern("put +\\d+ +/w/b  2");
            at.ok("delete", "/w/a");
            watch.awaitOut("delete");
            assertThat(watch.interrupt().code()).isEqualTo(ExitCode.INTERRUPTED);
        }
        assertThat(at.ok("watch", "/w", "--signals", "1", "-o", "json"))
                .contains("{\"event\":\"snapshot\",\"key\":\"/w\"", "\"event\":\"entry\",\"key\":\"/w/b\"")
                .doesNotContain("/w/a");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aCommandRunsForEachChange(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/x/a", "one two");
        Path out = folder.resolve("out");
        at.ok(
                "watch",
                "/x",
                "--signals",
                "1",
                "--exec",
                "echo \"$ROLLCALL_EVENT $ROLLCALL_KEY $ROLLCALL_VALUE $(cat)\" >>'" + out + "'");
        assertThat(out).hasContent("entry /x/a one two one two");
    }

    /** Words that no store gets to see: each is refused in one line, with the same code, whatever the store. */
    @ParameterizedTest
    @MethodSource("urls")
    void badInputIsRefusedBeforeAnythingIsSent(String url) {
        CommandRun at = CommandRun.on(url);
        at.ok("put", "/there", "1");
        for (String line : new String[] {
            "get there",
            "get //there",
            "get /there --raw --file x",
            "list there",
            "ls /a//b",
            "ls /there -o xml",
            "tree /there --depth 0",
            "count /a/../b",
            "watch /there --signals 0",
            "watch /there --for 0s",
            "watch /there --exec true -o json",
            "put /there",
            "put /there v --file f",
            "put /there v --ttl 3s",
            "put / v",
            "create /there",
            "create /there v --hold --ttl 0s",
            "update /there",
            "update /there v --if-revision one",
            "delete there",
            "delete / --recursive",
            "delete /there --recursive --if-revision 1",
            "txn /no/such/file",
            "export there",
            "export / --file /no/such/file",
            "import /no/such/file",
            "import /no/such/file --if-absent --if-unchanged",
            "lock /l",
            "lock /l --wait 1s --no-wait -- true",
            "lock /l --ttl soon -- true",
            "elect /e",
            "locks there",
            "leaders there",
            "nodes list",
            "nodes list a/b",
            "nodes list pumps --layout other",
            "nodes list pumps --columns node,,x",
            "nodes get pumps",
            "nodes get pumps a/b",
            "nodes update pumps p",
            "nodes update pumps {",
            "nodes update pumps p --state asleep",
            "nodes remove pumps p --force --if-revision 1",
            "nodes pause pumps",
            "nodes drain pumps a/b",
            "nodes watch pumps --after now",
            "status now",
            "status --timeout 0s",
            "check perf --time 2m",
            "console --listen nowhere:x"
        }) {
            CommandRun.Result refused = at.run(line.split(" "));
            assertThat(refused.code())
                    .as("%s: %s%s", line, refused.out(), refused.err())
                    .isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).as(line).startsWith("rollcall: ").hasLineCount(1);
            assertThat(refused.out()).as(line).isEmpty();
        }
        assertThat(at.ok("list", "/", "-o", "json"))
                .contains("\"key\":\"/there\"", "\"value\":\"1\"")
                .hasLineCount(1);
    }
}
