package dev.rollcall.registry;

import java.util.Locale;
import java.util.Optional;

/** What the owner of a live node can be asked for by somebody else, see {@link NodeRegistry#request}. */
public enum NodeRequest {
    /** To {@linkplain Registration#pause pause}. */
    PAUSE,
    /** To {@linkplain Registration#drain drain}. */
    DRAIN,
    /** To close its registration and to remove the node, with a record that would be kept otherwise. */
    REMOVE;

    /** As it is written in the store. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<NodeRequest> of(String text) {
        for (NodeRequest request : values()) {
            if (request.text().equals(text)) {
                return Optional.of(request);
            }
        }
        return Optional.empty();
    }
}
