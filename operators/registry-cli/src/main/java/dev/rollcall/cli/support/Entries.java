package dev.rollcall.cli.support;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** How entries look. */
public final class Entries {
    public static final List<String> HEADER = List.of("KEY", "REVISION", "LEASED", "BYTES", "VALUE");

    private Entries() {}

    public static List<String> row(KeyValue entry) {
        return List.of(
                PlainText.of(entry.key().path()),
                Long.toString(entry.revision()),
                entry.leased() ? "yes" : "no",
                Integer.toString(entry.value().size()),
                shown(entry.value()));
    }

    /** Fills in {@code key, revision, leased} and the value: as {@code value} if it is text, else as {@code valueBase64}. */
    public static void json(ObjectNode node, KeyValue entry) {
        node.put("key", entry.key().path());
        node.put("revision", entry.revision());
        node.put("leased", entry.leased());
        Optional<String> text = text(entry.value());
        if (text.isPresent()) {
            node.put("value", text.get());
        } else {
            node.put(
                    "valueBase64",
                    Base64.getEncoder().encodeToString(entry.value().toByteArray()));
        }
    }

    /** The value on one line: text with its control characters escaped, anything else in base64. */
    public static String shown(Bytes value) {
        return text(value)
                .map(PlainText::of)
                .orElseGet(() -> "base64:" + Base64.getEncoder().encodeToString(value.toByteArray()));
    }

    /** The value as text, or empty if it is none. */
    public static Optional<String> text(Bytes value) {
        return Optional.ofNullable(Text.strictly(value.toByteArray(), StandardCharsets.UTF_8));
    }
}
