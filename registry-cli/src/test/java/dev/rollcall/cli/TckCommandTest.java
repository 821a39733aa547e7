package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TckCommandTest {
    @ParameterizedTest
    @ValueSource(strings = {"nothing:x", "unopened:x"})
    void aBackendThatDoesNothingYetIsNotConformant(String url) {
        Run run = Run.of("tck", url, "--area", "KEY,LIFE");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out())
                .contains("is not conformant")
                .contains("Not written yet")
                .doesNotContain("\tat ");
        assertThat(run.err()).doesNotContain("a fault in this program");
    }
}
