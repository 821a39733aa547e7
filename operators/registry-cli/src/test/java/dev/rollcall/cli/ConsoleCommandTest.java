package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before anything is opened; what the console does is tested in its own module. */
class ConsoleCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--listen 127.0.0.1:x|is not where one can listen",
                "--listen 127.0.0.1:99999|is not where one can listen",
                "--tls-key some.key|are given together",
                "--token-file /absent/token|cannot be read",
                "--host http://h/|Not a host",
                "--directory relative|must start with"
            })
    void badInputIsExplained(String options, String message) {
        Run run = Run.of(("console " + options).split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void addressThatIsTakenIsExplained() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Run run = Run.of("console", "--listen", address, "-b", "inmemory:console-command-test");
            assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.USAGE);
            assertThat(run.err())
                    .contains("cannot listen on " + address, "--listen")
                    .hasLineCount(1);
        }
    }
}
