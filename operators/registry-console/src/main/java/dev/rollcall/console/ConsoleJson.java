package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** JSON for the page. */
final class ConsoleJson {
    /** Numbers stay what they are, to the last digit: timestamps of TiDB are beyond what a browser can count. */
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final ObjectWriter READABLE = MAPPER.writer(new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"))
            .withObjectIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n")));

    private ConsoleJson() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of JSON nodes cannot be written.", e);
        }
    }

    /** A server-sent event. JSON has no line breaks, so that it is one line of data. */
    static byte[] event(String name, JsonNode data) {
        byte[] head = ("event: " + name + "\ndata: ").getBytes(UTF_8);
        byte[] body = bytes(data);
        byte[] event = new byte[head.length + body.length + 2];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(body, 0, event, head.length, body.length);
        event[event.length - 2] = '\n';
        event[event.length - 1] = '\n';
        return event;
    }

    /** What {@code bytes} hold as JSON, or null. */
    static @Nullable JsonNode read(Bytes bytes) {
        String text = text(bytes);
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            JsonNode node = MAPPER.readTree(text);
            return node.isMissingNode() ? null : node;
        } catch (JsonProcessingException | StackOverflowError e) {
            return null;
        }
    }

    /** What {@code bytes} hold as text, or null if they are none. */
    static @Nullable String text(Bytes bytes) {
        try {
            return UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    static String readable(JsonNode node) {
        try {
            return READABLE.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of JSON nodes cannot be written.", e);
        }
    }

    /** Fills in a value in the forms in which the page shows it. */
    static void putValue(ObjectNode to, Bytes value) {
        to.put("size", value.size());
        to.put("base64", Base64.getEncoder().encodeToString(value.toByteArray()));
        String text = text(value);
        if (text != null) {
            to.put("text", text);
            JsonNode json = read(value);
            if (json != null) {
                to.put("json", readable(json));
            }
        }
    }
}
