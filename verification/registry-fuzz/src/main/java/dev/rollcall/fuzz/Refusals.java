package dev.rollcall.fuzz;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/** What those who refuse an input have to say. */
public final class Refusals {
    /** Stands where a password or a value is; no message may show it. */
    public static final String SECRET = "hunter2-is-secret";

    /** What a rule fits in, with two texts in front of it that are cut at 120 characters and then escaped. */
    private static final int MOST_CHARACTERS = 2_000;

    private Refusals() {}

    /** What a refusal says, of which there has to be something. */
    public static String messageOf(Throwable refusal) {
        return requireNonNull(refusal.getMessage(), "message");
    }

    /** A whole sentence on one line of moderate length, and nothing secret in it or in any cause. */
    public static void assertSentence(Throwable refusal) {
        assertClause(refusal.getMessage());
        assertThat(refusal.getMessage()).endsWith(".");
        assertKeepsSecret(refusal);
    }

    /** One line of moderate length without what moves the cursor. */
    public static void assertClause(@Nullable String message) {
        assertThat(message).isNotBlank().hasSizeLessThan(MOST_CHARACTERS);
        assertThat(requireNonNull(message).chars().filter(Character::isISOControl))
                .as("control characters in: %s", message)
                .isEmpty();
        assertThat(message).doesNotContain(SECRET);
    }

    /** Neither the message nor that of any cause shows the secret. */
    public static void assertKeepsSecret(Throwable refusal) {
        StringWriter trace = new StringWriter();
        refusal.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(SECRET);
    }
}
