package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command says of itself, and to somebody who knows other tools. */
class HelpTest {
    /** Each verb, and each verb of a verb, as it is typed. */
    static Stream<String> verbs() {
        List<String> verbs = new ArrayList<>();
        collect(Main.commandLine("help"), "", verbs);
        return verbs.stream();
    }

    private static void collect(CommandLine command, String path, List<String> verbs) {
        command.getSubcommands().forEach((name, line) -> {
            verbs.add((path + " " + name).strip());
            collect(line, path + " " + name, verbs);
        });
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbHasExamplesThatBeginWithItsName(String verb) {
        List<String> args = new ArrayList<>(List.of(verb.split(" ")));
        args.add("--help");
        Run help = Run.of(args.toArray(String[]::new));
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Usage: rollcall " + verb, "Examples:");
        assertThat(help.out().substring(help.out().indexOf("Examples:"))).contains("rollcall ");
        assertThat(Run.of(("help " + verb).split(" ")).out()).isEqualTo(help.out());
    }

    @Test
    void theListOfVerbsHasEachOnce() {
        String help = Run.of("--help").out();
        assertThat(Verbs.names())
                .doesNotHaveDuplicates()
                .allSatisfy(verb -> assertThat(help).containsPattern("\n  " + verb + " +\\S"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense --help|Unknown command: 'nonsense'. Try",
                "gett --help|Did you mean 'rollcall get'?",
                "nodes lsit --help|Did you mean 'rollcall nodes list'?",
                "help gte|Did you mean 'rollcall get'?",
                "del /a|Did you mean 'rollcall delete'?",
                "deleteall /a|Did you mean 'rollcall delete --recursive'?",
                "snapshot save|Did you mean 'rollcall export'?",
                "get /a --prefix|below a key is shown by list",
                "get /a --endpoints=x|given with --backend",
                "get /a -w json|-o json",
                "get --prefix /|must not end with '/'. Here what is below a key is shown by list",
                "get /a/ --count-only|Here count counts",
                "put /a -- --prefix x|Unmatched argument",
                "create -e /a v|Here create --hold",
                "get -q /a|Unknown option: '-q'. Try",
                "member list -w table|Unknown command: 'member'. Did you mean 'rollcall status'? Try 'rollcall --help'.",
                "snapshot status x.db|Unknown command: 'snapshot'. Did you mean 'rollcall export'?",
                "nodes pumps list --columns|Unknown command: 'pumps'. Try 'rollcall nodes --help'.",
                "get config/rate|it must start with '/'. Did you mean '/config/rate'?",
                "get a//b|it must start with '/'. Try",
                "lock l -- true|Did you mean '/l'?",
                "--user root:pw get /a|the user stands in the URL",
                "get /a --cacert ca.pem|etcds://HOST",
                "txn -i|Here txn reads a transaction as JSON",
                "alarm list|Did you mean 'rollcall status'?",
                "addWatch /a|Did you mean 'rollcall watch'?",
                "defrag|for the server's own tool. Try",
                "getAcl /a|for the server's own tool. Try",
                "txn /no/such/file|cannot be read: there is no such file.",
                "list / --kesy|Did you mean '--keys'?",
                "lock /l backup.sh --full|Unknown option: '--full'"
            })
    void whatIsNotKnownIsAnErrorThatNamesWhatWasMeant(String line, String message) {
        Run run = Run.of(line.split(" "));
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void helpForAVerbWithAnOptionTooManyIsHelp() {
        assertThat(Run.of("get", "--bogus", "--help").code()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completionKnowsTheVerbs(String shell) {
        Run run = Run.of("completion", shell);
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains(Verbs.names()).contains("dry-run");
        assertThat(Run.of("completion", "csh").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void theManualHasEachVerbAndCode() {
        String page = Run.of("man").out();
        assertThat(page)
                .startsWith(".TH ROLLCALL 1")
                .contains(".SS \"rollcall nodes list\"", ".SH EXIT STATUS", "ROLLCALL_BACKEND");
        assertThat(page.lines()).noneMatch(line -> line.matches("\\.[a-z ].*") && !line.matches("\\.(nf|fi)"));
    }
}
