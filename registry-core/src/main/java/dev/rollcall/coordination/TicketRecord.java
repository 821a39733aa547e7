package dev.rollcall.coordination;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KeyValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The value of an entry of a queue, which describes its owner to people and tools: a JSON object such as {@code
 * {"owner":"10.0.0.7:8080","host":"worker-7","process":4711,"since":"2026-11-28T10:15:30Z"}}. Nothing is decided by it.
 *
 * @param owner the candidate's id, or what the lock's owner is called
 * @param host the name of the machine, as it calls itself
 * @param process the number of the process
 * @param since when the place was asked for, by the owner's wall clock, in whole seconds
 */
record TicketRecord(String owner, String host, long process, Instant since) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of this process, at {@code now}. */
    static TicketRecord of(String owner, Instant now) {
        return new TicketRecord(owner, Host.NAME, ProcessHandle.current().pid(), now.truncatedTo(ChronoUnit.SECONDS));
    }

    Bytes toBytes() {
        try {
            return Bytes.unsafeWrap(JSON.writeValueAsBytes(JSON.createObjectNode()
                    .put("owner", owner)
                    .put("host", host)
                    .put("process", process)
                    .put("since", since.toString())));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The owner that an entry names; of an entry that is no such object, its text. */
    static String ownerIn(Bytes value) {
        return ownerIn(read(value), value);
    }

    private static String ownerIn(JsonNode record, Bytes value) {
        JsonNode owner = record.path("owner");
        // Written by something else: shown as it is.
        return owner.isTextual() ? owner.textValue() : value.utf8();
    }

    /** What an entry says; of each thing that it does not say, or not so, null. */
    static TurnQueue.Place placeOf(KeyValue entry) {
        JsonNode record = read(entry.value());
        JsonNode host = record.path("host");
        JsonNode process = record.path("process");
        return new TurnQueue.Place(
                new FencingToken(entry.key(), entry.revision()),
                ownerIn(record, entry.value()),
                host.isTextual() ? host.textValue() : null,
                process.isIntegralNumber() && process.canConvertToLong() ? process.longValue() : null,
                instant(record.path("since").asText("")));
    }

    private static JsonNode read(Bytes value) {
        try {
            JsonNode record = JSON.readTree(value.toByteArray());
            return record == null ? MissingNode.getInstance() : record;
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static @Nullable Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** The machine's name, without asking a name server, which may take seconds. */
    private static final class Host {
        static final String NAME = fromFile("/proc/sys/kernel/hostname")
                .or(() -> fromEnvironment("HOSTNAME"))
                .or(() -> fromEnvironment("COMPUTERNAME"))
                .orElse("unknown");

        private static Optional<String> fromFile(String file) {
            try {
                return named(Files.readString(Path.of(file), StandardCharsets.UTF_8));
            } catch (IOException | RuntimeException e) {
                return Optional.empty();
            }
        }

        private static Optional<String> fromEnvironment(String variable) {
            return named(System.getenv(variable));
        }

        private static Optional<String> named(String text) {
            return Optional.ofNullable(text).map(String::strip).filter(name -> !name.isEmpty());
        }
    }
}
