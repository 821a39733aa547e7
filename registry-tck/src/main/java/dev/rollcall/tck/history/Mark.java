package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened around the operations, such as a fault; shown, not judged.
 *
 * @param text what
 * @param from when it began
 * @param until when it ended, or null if it has no duration or did not end
 */
public record Mark(String text, Moment from, @Nullable Moment until) {
    public Mark {
        requireNonNull(text, "text");
        requireNonNull(from, "from");
    }
}
