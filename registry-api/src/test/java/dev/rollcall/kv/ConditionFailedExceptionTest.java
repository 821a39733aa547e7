package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ConditionFailedExceptionTest {
    private static final Key KEY = Key.of("/a");
    private static final KvException.Context CONTEXT = KvException.Context.of("inmemory:x", "update", KEY);

    @Test
    void saysWhatWasExpectedAndWhatWasFound() {
        assertThat(ConditionFailedException.of(CONTEXT, new Condition.RevisionIs(KEY, 3), 7))
                .isInstanceOf(RevisionMismatchException.class)
                .hasMessage(
                        "update of '/a' on inmemory:x failed: the key '/a' was expected at revision 3 but is at revision 7.");
        assertThat(ConditionFailedException.of(CONTEXT, new Condition.RevisionIs(KEY, 3), 0))
                .hasMessageEndingWith("was expected at revision 3 but does not exist.");
        assertThat(ConditionFailedException.of(CONTEXT, new Condition.Present(KEY), 0))
                .isInstanceOf(KeyNotFoundException.class)
                .hasMessageEndingWith("the key '/a' does not exist.");
        assertThat(ConditionFailedException.of(CONTEXT, new Condition.Absent(KEY), 7))
                .isInstanceOf(KeyExistsException.class)
                .hasMessageEndingWith("the key '/a' exists already, at revision 7.");
    }

    @Test
    void isADefiniteFailure() {
        ConditionFailedException failure = ConditionFailedException.of(CONTEXT, new Condition.Absent(KEY), 7);
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(failure.isRetryable()).isFalse();
        assertThat(failure.actualRevision()).hasValue(7);
        assertThat(failure.condition()).isEqualTo(new Condition.Absent(KEY));
        assertThat(failure.backend()).isEqualTo("inmemory:x");
        assertThat(failure.operation()).isEqualTo("update");
        assertThat(failure.path()).isEqualTo("/a");
    }

    @Test
    void cannotBeMadeOfAConditionThatHolds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConditionFailedException.of(CONTEXT, new Condition.Absent(KEY), 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConditionFailedException.of(CONTEXT, new Condition.Present(KEY), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConditionFailedException.of(CONTEXT, new Condition.RevisionIs(KEY, 2), 2));
    }

    @Test
    void anUnknownOutcomeIsNeverRetryable() {
        assertThat(new UnavailableException(CONTEXT, Outcome.UNKNOWN, "the connection broke", null).isRetryable())
                .isFalse();
        assertThat(new UnavailableException(CONTEXT, Outcome.NOT_APPLIED, "the connection broke", null).isRetryable())
                .isTrue();
    }
}
