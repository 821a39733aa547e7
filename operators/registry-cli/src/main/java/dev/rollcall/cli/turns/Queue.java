package dev.rollcall.cli.turns;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.Json;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Who holds a lock or an office, and who waits behind: the leased places of one directory in the order in which they were created.
 *
 * @param directory where they are
 * @param places never empty; the first has the turn
 */
record Queue(Directory directory, List<Place> places) {
    private static final Pattern NAME = Pattern.compile(".*/place-[^/]+");
    private static final Comparator<KeyValue> ORDER =
            Comparator.comparingLong(KeyValue::revision).thenComparing(KeyValue::key);

    /**
     * A place in a queue, with what its owner says of itself; what it does not say is empty.
     *
     * @param token the revision of the place, which is the fencing token of its turn
     */
    record Place(String key, long token, String owner, String host, String process, String since) {
        static Place of(KeyValue entry) {
            String text = Entries.text(entry.value()).orElse("");
            try {
                JsonNode node = Json.read(text);
                if (node != null && node.path("owner").isTextual()) {
                    return new Place(
                            entry.key().path(),
                            entry.revision(),
                            node.path("owner").asText(),
                            node.path("host").asText(""),
                            node.path("process").asText(""),
                            node.path("since").asText(""));
                }
            } catch (JsonProcessingException e) {
                // Written by something else: shown as it is.
            }
            return new Place(entry.key().path(), entry.revision(), Entries.shown(entry.value()), "", "", "");
        }

        void fill(ObjectNode node) {
            node.put("owner", owner).put("token", token).put("key", key);
            if (!since.isEmpty()) {
                node.put("since", since);
            }
            if (!host.isEmpty()) {
                node.put("host", host).put("process", process);
            }
        }
    }

    /** All queues in a snapshot, by directory. */
    static List<Queue> in(Snapshot snapshot) {
        Map<Directory, List<KeyValue>> found = new TreeMap<>();
        for (KeyValue entry : snapshot.entries()) {
            String path = entry.key().path();
            if (entry.leased() && NAME.matcher(path).matches()) {
                String parent = path.substring(0, path.lastIndexOf('/'));
                found.computeIfAbsent(Directory.of(parent.isEmpty() ? "/" : parent), directory -> new ArrayList<>())
                        .add(entry);
            }
        }
        List<Queue> queues = new ArrayList<>();
        found.forEach((directory, entries) -> queues.add(new Queue(
                directory, entries.stream().sorted(ORDER).map(Place::of).toList())));
        return queues;
    }
}
