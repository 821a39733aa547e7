package dev.rollcall.tck.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is a known fault of the servers, and what is not. */
class RunFindingsTest {
    private static final KnownFault KNOWN = new KnownFault(
            "https://tracker.example/15",
            KnownFault.Effect.LEASE_ENDS_EARLY,
            Set.of(Fault.PAUSE_LEADER),
            Duration.ofSeconds(3));

    /** Near the end of what the clock can tell, after which it is negative. */
    private long now = Long.MAX_VALUE - 1;

    private final RunFindings findings = new RunFindings(List.of(KNOWN), () -> now);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void earlyEndSoonAfterTheFaultThatBringsItIsKnown() {
        findings.healing(Fault.PAUSE_LEADER, false);
        pass(Duration.ofSeconds(3));
        assertThat(findings.endedEarly("gone", findings.now())).isFalse();
        assertThat(findings.violations()).isEmpty();
        assertThat(findings.known()).containsExactly(new KnownFinding(KNOWN, "gone"));
    }

    @Test
    void earlyEndLongAfterTheFaultIsAViolation() {
        findings.healing(Fault.PAUSE_LEADER, false);
        pass(Duration.ofSeconds(3).plusNanos(1));
        assertThat(findings.endedEarly("gone", findings.now())).isTrue();
        assertThat(findings.violations()).containsExactly("gone");
        assertThat(findings.known()).isEmpty();
    }

    @Test
    void earlyEndBeforeAnyFaultIsUndoneIsAViolation() {
        assertThat(findings.endedEarly("gone", findings.now())).isTrue();
    }

    @Test
    void earlyEndAfterAnotherFaultIsAViolation() {
        findings.healing(Fault.PAUSE_FOLLOWER, false);
        assertThat(findings.endedEarly("gone", findings.now())).isTrue();
    }

    @Test
    void earlyEndAfterAnotherFaultInBetweenIsAViolation() {
        findings.healing(Fault.PAUSE_LEADER, false);
        findings.healing(Fault.KILL_LEADER, false);
        assertThat(findings.endedEarly("gone", findings.now())).isTrue();
    }

    @Test
    void earlyEndAfterAPauseOfSomebodyElseIsAViolation() {
        findings.healing(Fault.PAUSE_LEADER, true);
        assertThat(findings.endedEarly("gone", findings.now())).isTrue();
    }

    @Test
    void earlyEndOnServersWithoutSuchAFaultIsAViolation() {
        RunFindings others = new RunFindings(List.of(), () -> now);
        others.healing(Fault.PAUSE_LEADER, false);
        assertThat(others.endedEarly("gone", others.now())).isTrue();
    }

    @Test
    void anythingElseIsAViolationWhateverCameBefore() {
        findings.healing(Fault.PAUSE_LEADER, false);
        findings.violation("stale");
        assertThat(findings.violations()).containsExactly("stale");
        assertThat(findings.known()).isEmpty();
    }

    @Test
    void eachFindingIsNewOnce() {
        findings.healing(Fault.PAUSE_LEADER, false);
        findings.endedEarly("one", findings.now());
        findings.violation("two");
        assertThat(findings.newKnown()).extracting(KnownFinding::what).containsExactly("one");
        assertThat(findings.newViolations()).containsExactly("two");
        findings.violation("three");
        assertThat(findings.newKnown()).isEmpty();
        assertThat(findings.newViolations()).containsExactly("three");
    }

    @Test
    void knownFaultWithoutCauseOrTimeIsRefused() {
        assertThatThrownBy(() -> new KnownFault(
                        "https://tracker.example/15",
                        KnownFault.Effect.LEASE_ENDS_EARLY,
                        Set.of(),
                        Duration.ofSeconds(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must follow some fault");
        assertThatThrownBy(() -> new KnownFault(
                        "https://tracker.example/15",
                        KnownFault.Effect.LEASE_ENDS_EARLY,
                        Set.of(Fault.CUT),
                        Duration.ZERO))
                .hasMessageContaining("PT0S");
    }

    @Test
    void knownFaultWithoutAddressIsRefused() {
        assertThatThrownBy(() -> new KnownFault(
                        "javascript:alert(1)",
                        KnownFault.Effect.LEASE_ENDS_EARLY,
                        Set.of(Fault.CUT),
                        Duration.ofSeconds(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'javascript:alert(1)'");
    }
}
