package dev.rollcall.cli.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.cli.support.Json;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an export holds, read as a whole before anything is written.
 *
 * @param directory what was exported
 * @param entries its entries, in the order of the file
 */
record ExportFile(Directory directory, List<Entry> entries) {
    /** The first field of the first line. */
    static final String FORMAT = "rollcall/1";

    /**
     * One line.
     *
     * @param key the key that it had
     * @param value its value
     * @param revision the revision that it had
     * @param leased whether it went with a lease
     */
    record Entry(Key key, Bytes value, long revision, boolean leased) {}

    /**
     * Reads an export.
     *
     * @throws UsageException if it is none, is damaged, or ends too early
     */
    static ExportFile parse(String text) {
        // Blank lines are no entries, but are counted in what a message calls a line.
        List<String> lines = text.lines().toList();
        int first = 0;
        while (first < lines.size() && lines.get(first).isBlank()) {
            first++;
        }
        JsonNode head = first == lines.size() ? null : parse(lines.get(first), first + 1);
        if (head == null
                || !FORMAT.equals(head.path("export").textValue())
                || !head.path("directory").isTextual()) {
            throw new UsageException("This is no export: its first line is not {\"export\":\"" + FORMAT + "\",…}.");
        }
        Directory directory = Directory.of(head.path("directory").textValue());
        List<Entry> entries = new ArrayList<>();
        Set<Key> seen = new HashSet<>();
        for (int i = first + 1; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            Entry entry = entry(parse(lines.get(i), i + 1), i + 1);
            if (!directory.covers(entry.key()) || !seen.add(entry.key())) {
                throw new UsageException("Line " + (i + 1) + ": the key '" + entry.key() + "' "
                        + (directory.covers(entry.key()) ? "is there twice." : "is not below '" + directory + "'."));
            }
            entries.add(entry);
        }
        if (head.path("entries").asInt(-1) != entries.size()) {
            throw new UsageException("The export is not whole: its first line tells of "
                    + head.path("entries").asInt(-1) + " entries, but " + entries.size()
                    + " follow. If it was edited, change \"entries\" in the first line.");
        }
        return new ExportFile(directory, entries);
    }

    private static JsonNode parse(String line, int number) {
        try {
            JsonNode node = Json.read(line);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new UsageException("Line " + number + " is not JSON: " + e.getOriginalMessage() + ".");
        }
        throw new UsageException("Line " + number + " is not a JSON object.");
    }

    private static Entry entry(JsonNode node, int number) {
        String place = "Line " + number;
        if (!node.path("key").isTextual() || !node.path("revision").isIntegralNumber()) {
            throw new UsageException(place + " is no entry: it has no \"key\" or no \"revision\".");
        }
        Key key;
        try {
            key = Key.of(node.path("key").textValue());
        } catch (IllegalArgumentException e) {
            throw new UsageException(place + ": " + e.getMessage());
        }
        Bytes value = TxnFile.value(node, place);
        if (value.size() > Limits.MAX_VALUE_BYTES) {
            throw new UsageException(
                    place + ": the value is larger than the limit of " + Limits.MAX_VALUE_BYTES + " bytes.");
        }
        return new Entry(
                key,
                value,
                node.path("revision").longValue(),
                node.path("leased").asBoolean(false));
    }
}
