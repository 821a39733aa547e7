package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.inmemory.InMemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An election that the store does not let anyone win. */
@Timeout(60)
class ElectTest {
    @AfterEach
    void dropStore() {
        InMemoryStore.drop("refusing-elect");
    }

    @Test
    void aRefusedCandidateEndsWithTheReason() {
        Run run = Run.of("elect", "/e", "-b", "denied:elect", "--", "true");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DENIED);
        assertThat(run.err()).contains("this user may not write").hasLineCount(1);
    }
}
