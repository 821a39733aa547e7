package dev.rollcall.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That a target can fail, and says then how to do it again. */
class FuzzTargetTest {
    private static final class Doubling extends FuzzTarget {
        @Override
        protected List<byte[]> seeds() {
            return texts("abc");
        }

        @Override
        protected void check(byte[] input) {
            if (new String(input, UTF_8).contains("aba")) {
                throw new IllegalStateException("That is not read.");
            }
        }
    }

    @Test
    void inputThatBreaksItIsFoundAndToldTogetherWithItsSeed() {
        assertThatThrownBy(() -> new Doubling().tryChanges(7, 1_000_000))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("of the seed 7 breaks it; in base64 it is 'YWJ")
                .hasRootCauseMessage("That is not read.");
    }

    @Test
    void inputsFollowFromTheSeed() {
        assertThat(inputs(1)).containsExactlyElementsOf(inputs(1)).isNotEqualTo(inputs(2));
        assertThat(inputs(1).stream().distinct().count()).isGreaterThan(300);
    }

    private static List<String> inputs(long seed) {
        Mutations mutations =
                new Mutations(seed, FuzzTarget.texts("one", "another", "{\"a\":1}"), FuzzTarget.texts("word"));
        return Stream.generate(() -> new String(mutations.next(), UTF_8))
                .limit(500)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no stop", "Two\nlines.", "It is hunter2-is-secret.", "\u001B[2J."})
    void refusalThatIsNoSentenceOrShowsASecretIsNotAccepted(String message) {
        assertThatThrownBy(() -> Refusals.assertSentence(new IllegalArgumentException(message)))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void causeThatShowsASecretIsNotAccepted() {
        Throwable cause = new IllegalStateException(Refusals.SECRET);
        assertThatThrownBy(() -> Refusals.assertSentence(new IllegalArgumentException("It is wrong.", cause)))
                .isInstanceOf(AssertionError.class);
        Refusals.assertSentence(new IllegalArgumentException("It is wrong."));
    }
}
