package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Limits;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@link NodeCodec#json}: Jackson, hidden. Its messages quote values, so ours are made from kinds of error, positions and field names only,
 * and its exceptions are not passed on as causes, whose messages stack traces show.
 */
final class JacksonCodec<T> implements NodeCodec<T> {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxDocumentLength(Limits.MAX_VALUE_BYTES)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(JavaTime.module())
            .addModule(new Jdk8Module())
            .build();

    private static final Pattern PROPERTY = Pattern.compile("[\\w$-]{1,64}");

    private final Class<T> type;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    JacksonCodec(Class<T> type) {
        this(type, MAPPER);
    }

    JacksonCodec(Class<T> type, ObjectMapper mapper) {
        this.type = requireNonNull(type, "type");
        JacksonCheck.check(requireNonNull(mapper, "mapper"), type);
        this.reader = mapper.readerFor(type);
        this.writer = mapper.writerFor(type);
    }

    static <T> JacksonCodec<T> withMapper(Class<T> type, Object mapper) {
        if (!(mapper instanceof ObjectMapper jackson)) {
            throw new IllegalArgumentException(
                    "The mapper must be a com.fasterxml.jackson.databind.ObjectMapper, but it is a "
                            + mapper.getClass().getName() + ". For another library write NodeCodec.of.");
        }
        return new JacksonCodec<>(type, jackson);
    }

    @Override
    public Bytes encode(T value) {
        try {
            return Bytes.unsafeWrap(writer.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("A " + type.getName() + " cannot be written as JSON: " + where(e) + ".");
        }
    }

    @Override
    public @Nullable T decode(Bytes bytes) {
        try {
            return reader.<@Nullable T>readValue(bytes.toByteArray());
        } catch (JsonMappingException e) {
            throw new NodeFormatException("it is not a " + type.getSimpleName() + ": " + where(e));
        } catch (JsonProcessingException e) {
            throw new NodeFormatException("it is not valid JSON" + kindAndPosition(e));
        } catch (IOException e) {
            throw new NodeFormatException("it is not valid JSON");
        }
    }

    private static String where(JsonProcessingException e) {
        if (!(e instanceof JsonMappingException mapping)) {
            return "it is malformed" + kindAndPosition(e);
        }
        String path = mapping.getPath().stream().map(JacksonCodec::name).collect(Collectors.joining("."));
        return (path.isEmpty() ? "its shape does not fit" : "the field '" + path + "' does not fit")
                + kindAndPosition(e);
    }

    /** The keys of a map are part of the value, and so are not shown; nor is what could not be the name of a property. */
    private static String name(JsonMappingException.Reference step) {
        String name = step.getFieldName();
        if (name == null) {
            return "[" + step.getIndex() + "]";
        }
        return step.getFrom() instanceof Map || !PROPERTY.matcher(name).matches() ? "*" : name;
    }

    /** The class of what went wrong, the record's own exception if there is one, and the place in the document if there is one. */
    private static String kindAndPosition(JsonProcessingException e) {
        Throwable cause = e.getCause();
        String kind = cause == null || cause instanceof JsonProcessingException
                ? e.getClass().getSimpleName()
                : cause.getClass().getName();
        JsonLocation at = e.getLocation();
        return " (" + kind + ")"
                + (at == null || at.getLineNr() < 1
                        ? ""
                        : " at line " + at.getLineNr() + ", column " + at.getColumnNr());
    }

    @Override
    public String toString() {
        return "NodeCodec[" + type.getName() + "]";
    }
}
