package dev.rollcall.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The queues of locks and elections: the holder, since when, and the waiters. A queue is read again when one of its places comes or goes. */
/* Concurrency: confined to the console's thread. */
final class QueueBoard implements Topic {
    /** As in the queue itself: leased entries of such names are places, in order of the revisions that created them. */
    private static final Pattern PLACE = Pattern.compile("place-[0-9a-fA-F-]{36}");

    private static final int MOST_QUEUES = 1_000;
    private static final int MOST_SHOWN = 100;

    /** Reads at a time. */
    private static final int MOST_READS = 16;

    private final KvBackend backend;
    private final Executor thread;
    private final Map<Directory, Queue> queues = new TreeMap<>();
    private final Set<Directory> dirty = new HashSet<>();
    private final Set<Directory> reading = new HashSet<>();
    private boolean changed;

    /**
     * A queue as it was at a revision.
     *
     * @param places its places in order, the holder first
     */
    private record Queue(List<KeyValue> places, long revision) {}

    QueueBoard(KvBackend backend, Executor thread) {
        this.backend = backend;
        this.thread = thread;
    }

    /** A key was found, or has changed. */
    void seen(String path) {
        int slash = path.lastIndexOf('/');
        if (slash > 0
                && path.startsWith("/place-", slash)
                && PLACE.matcher(path.substring(slash + 1)).matches()) {
            Directory directory = Directory.of(path.substring(0, slash));
            if (queues.containsKey(directory) || queues.size() < MOST_QUEUES) {
                dirty.add(directory);
            }
        }
    }

    /** The keys of a directory were read anew, so that queues below it may have gone unseen. */
    void reloaded(Directory directory) {
        queues.keySet().stream()
                .filter(queue -> queue.equals(directory) || queue.path().startsWith(directory.rangeStart()))
                .forEach(dirty::add);
    }

    /** Reads what has changed. */
    void refresh() {
        for (Directory directory : List.copyOf(dirty)) {
            if (reading.size() >= MOST_READS) {
                return;
            }
            if (reading.add(directory)) {
                dirty.remove(directory);
                backend.list(directory)
                        .whenComplete((all, problem) -> thread.execute(() -> read(directory, all, problem)));
            }
        }
    }

    private void read(Directory directory, @Nullable Snapshot all, @Nullable Throwable problem) {
        reading.remove(directory);
        if (all == null) {
            // Tried again with the next round, unless it would be in vain.
            if (problem == null || !(Futures.unwrap(problem) instanceof AccessDeniedException)) {
                dirty.add(directory);
            }
            return;
        }
        Queue known = queues.get(directory);
        if (known != null && known.revision() > all.revision()) {
            return;
        }
        List<KeyValue> places = all.entries().stream()
                .filter(entry -> entry.leased()
                        && PLACE.matcher(directory.relativize(entry.key())).matches())
                .sorted(Comparator.comparingLong(KeyValue::revision))
                .toList();
        changed |= known == null ? !places.isEmpty() : !known.places().equals(places);
        if (places.isEmpty()) {
            queues.remove(directory);
        } else {
            queues.put(directory, new Queue(places, all.revision()));
        }
    }

    /** Whether a key is a place in a queue, as far as is known. */
    boolean isPlace(Key key) {
        return PLACE.matcher(key.path().substring(key.path().lastIndexOf('/') + 1))
                .matches();
    }

    @Override
    public byte[] state() {
        ObjectNode event = ConsoleJson.object();
        ArrayNode all = event.putArray("queues");
        queues.forEach((directory, queue) -> {
            ObjectNode node = all.addObject();
            node.put("directory", directory.path());
            node.put("revision", queue.revision());
            node.put("waiting", queue.places().size() - 1);
            ArrayNode places = node.putArray("places");
            queue.places().stream().limit(MOST_SHOWN).forEach(place -> put(places.addObject(), place));
        });
        return ConsoleJson.event("queues", event);
    }

    /** What a place says about itself; of one that something else has written, its text. */
    private static void put(ObjectNode to, KeyValue place) {
        to.put("key", place.key().path());
        to.put("token", place.revision());
        JsonNode record = ConsoleJson.read(place.value());
        if (record != null && record.isObject()) {
            to.put("owner", record.path("owner").asText(""));
            to.put("host", record.path("host").asText(""));
            to.put("process", record.path("process").asText(""));
            to.put("since", record.path("since").asText(""));
        } else {
            to.put("owner", place.value().utf8());
        }
    }

    @Override
    public byte @Nullable [] changes(boolean followed) {
        if (!changed) {
            return null;
        }
        changed = false;
        return followed ? state() : null;
    }
}
