package dev.rollcall.cli.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON as the command writes and reads it; a class of its own, since loading the library takes longer than most verbs and few need it. */
public final class Json {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    /** An empty object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** {@code tree} on one line. What moves a cursor, changes direction or cannot be seen is escaped, which to a reader of JSON is the same. */
    public static String line(JsonNode tree) {
        try {
            return PlainText.json(MAPPER.writeValueAsString(tree));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of JSON nodes cannot be written.", e);
        }
    }

    /**
     * Reads one document, with nothing behind it.
     *
     * @throws JsonProcessingException if it is none
     */
    public static JsonNode read(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }
}
