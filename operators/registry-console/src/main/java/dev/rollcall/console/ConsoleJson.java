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
import dev.rollcall.kv.Limits;
import java.io.IOException;
import java.io.Writer;
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

    /** In characters. Deep nesting makes a value hundreds of times as long when it is indented; such a value is shown as it is. */
    static final int LONGEST_READABLE = 4 * Limits.MAX_VALUE_BYTES;

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
        } catch (JsonProcessingException | NumberFormatException | StackOverflowError e) {
            // A number with an exponent beyond counting is a plain NumberFormatException to Jackson.
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

    /** Indented for people; null if that would be longer than {@link #LONGEST_READABLE}. */
    static @Nullable String readable(JsonNode node) {
        BoundedText text = new BoundedText();
        try {
            READABLE.writeValue(text, node);
            return text.toString();
        } catch (IOException e) {
            if (text.isFull) {
                return null;
            }
            throw new IllegalStateException("A tree of JSON nodes cannot be written.", e);
        }
    }

    /** Refuses what would make it too long, so that the text is not made in memory first. */
    private static final class BoundedText extends Writer {
        private final StringBuilder text = new StringBuilder();
        private boolean isFull;

        @Override
        public void write(char[] chars, int offset, int length) throws IOException {
            if (text.length() + length > LONGEST_READABLE) {
                isFull = true;
                throw new IOException("The text is too long.");
            }
            text.append(chars, offset, length);
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            // There is nothing to let go.
        }

        @Override
        public String toString() {
            return text.toString();
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
                String readable = readable(json);
                to.put("json", readable == null ? text : readable);
            }
        }
    }
}
