package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ConditionFailedExceptionTest {
    @Test
    void whatTurnsOrHidesTextIsEscapedInMessages() {
        for (char c : new char[] {'\u202e', '\u200b', '\u2028', '\u2066', '\u00ad', '\ufeff', '\u0378'}) {
            Key key = Key.of("/a" + c + "b");
            KvException absent = ConditionFailedException.of(
                    KvException.Context.of("store", "update", key), new Condition.Present(key), 0);
            KvException other = ConditionFailedException.of(
                    KvException.Context.of("store", "update", key), new Condition.RevisionIs(key, 1), 2);
            String shown = String.format("/a\\u%04xb", (int) c);
            assertThat(absent.getMessage())
                    .doesNotContain(String.valueOf(c))
                    .isEqualTo("update of '" + shown + "' on store failed: the key '" + shown + "' does not exist.");
            assertThat(other.getMessage()).doesNotContain(String.valueOf(c)).contains(shown);
            assertThat(absent.path()).isEqualTo(key.path());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Key.of("a" + c))
                    .withMessageNotContaining(String.valueOf(c))
                    .withMessageContaining(String.format("a\\u%04x", (int) c));
        }
    }

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
