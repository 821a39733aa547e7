package dev.rollcall.coordination;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rollcall.kv.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

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
        try {
            JsonNode owner = JSON.readTree(value.toByteArray()).get("owner");
            if (owner != null && owner.isTextual()) {
                return owner.textValue();
            }
        } catch (IOException e) {
            // Written by something else: shown as it is.
        }
        return value.utf8();
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
