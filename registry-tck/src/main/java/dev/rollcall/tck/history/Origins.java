package dev.rollcall.tck.history;

import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who wrote which value to which key; finds values that nobody wrote, and those of writes that failed for certain. */
final class Origins {
    private final Map<Key, Map<String, List<Operation>>> puts = new HashMap<>();

    Origins(History history) {
        for (Operation operation : history.operations()) {
            if (operation.call() instanceof Call.Commit commit) {
                for (Edit write : commit.writes()) {
                    if (write.value() != null) {
                        puts.computeIfAbsent(write.key(), key -> new HashMap<>())
                                .computeIfAbsent(write.value(), value -> new ArrayList<>())
                                .add(operation);
                    }
                }
            }
        }
    }

    /** The operations that set, or were to set, a key to a value. */
    List<Operation> of(Entry entry) {
        return puts.getOrDefault(entry.key(), Map.of()).getOrDefault(entry.value(), List.of());
    }

    /** What linearizable reads saw although it never was in the store, one violation for each value. */
    static List<Violation> judge(History history) {
        Origins origins = new Origins(history);
        Map<String, Violation> found = new TreeMap<>();
        for (Operation operation : history.operations()) {
            Sightings.forEachEntry(operation, (reader, entry) -> {
                List<Operation> writers = origins.of(entry);
                if (writers.stream().allMatch(Operation::isFailed)) {
                    found.putIfAbsent(entry.key() + "=" + entry.value(), impossible(entry, writers, reader));
                }
            });
        }
        return List.copyOf(found.values());
    }

    private static Violation impossible(Entry entry, List<Operation> writers, Operation reader) {
        List<Operation> involved = new ArrayList<>(writers);
        involved.add(reader);
        return Violation.of(
                writers.isEmpty() ? "VALUE-1" : "WRITE-8", about(entry, writers, "#" + reader.id()), involved);
    }

    static String about(Entry entry, List<Operation> writers, String who) {
        return "the key '" + entry.key() + "' had the value " + entry.value() + " for " + who + ", "
                + (writers.isEmpty() ? "which nobody wrote" : "which failed for certain in " + writers.get(0));
    }
}
