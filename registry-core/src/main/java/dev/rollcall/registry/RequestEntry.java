package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Printable;
import org.jspecify.annotations.Nullable;

/**
 * The entry in the store while a request to the owner of a node is pending: {@code request#incarnation#by}, where the incarnation is the one that had
 * claimed the node, so that no later owner obeys what was asked of a former one; or, once it has been refused, {@code refused##reason}.
 *
 * @param request what is asked for, or null if that is not known, or was refused
 * @param incarnation the owner that is asked
 * @param by who asks; or the reason of the refusal
 */
record RequestEntry(@Nullable NodeRequest request, String incarnation, String by) {
    private static final String REFUSED = "refused";
    private static final int LONGEST_TEXT = 500;

    static RequestEntry of(Bytes value) {
        String[] parts = value.utf8().split("#", 3);
        NodeRequest request = NodeRequest.of(parts[0]).orElse(null);
        if (parts.length < 3 || (request == null && !parts[0].equals(REFUSED))) {
            return new RequestEntry(null, "", "");
        }
        return new RequestEntry(request, parts[1], Printable.line(parts[2]));
    }

    static RequestEntry refused(String reason) {
        return new RequestEntry(
                null, "", reason.length() > LONGEST_TEXT ? reason.substring(0, LONGEST_TEXT) + "…" : reason);
    }

    boolean isFor(String owner) {
        return request != null && incarnation.equals(owner);
    }

    Bytes value() {
        return Bytes.ofUtf8((request == null ? REFUSED : request.text()) + "#" + incarnation + "#" + by);
    }
}
