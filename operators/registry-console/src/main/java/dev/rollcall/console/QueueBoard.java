package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.coordination.TurnQueue;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The queues of locks and elections: the holder, since when, and the waiters. A queue is read again when one of its places comes or goes. */
/* Concurrency: confined to the console's thread. */
final class QueueBoard implements Topic {
    private static final int MOST_QUEUES = 1_000;
    private static final int MOST_SHOWN = 100;

    /** Reads at a time. */
    private static final int MOST_READS = 16;

    private final KvBackend backend;
    private final Executor thread;
    private final Map<Directory, Read> queues = new TreeMap<>();
    private final Set<Directory> dirty = new HashSet<>();
    private final Set<Directory> reading = new HashSet<>();
    private boolean changed;

    /** A queue as it was at a revision. */
    private record Read(TurnQueue queue, long revision) {}

    QueueBoard(KvBackend backend, Executor thread) {
        this.backend = backend;
        this.thread = thread;
    }

    /** A key was found, or has changed. */
    void seen(String path) {
        if (TurnQueue.isNameOfPlace(path.substring(path.lastIndexOf('/') + 1))) {
            Directory directory = Key.of(path).parent();
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
        Read known = queues.get(directory);
        if (known != null && known.revision() > all.revision()) {
            return;
        }
        TurnQueue queue = TurnQueue.in(all).stream()
                .filter(each -> each.directory().equals(directory))
                .findFirst()
                .orElse(null);
        changed |= known == null ? queue != null : !known.queue().equals(queue);
        if (queue == null) {
            queues.remove(directory);
        } else {
            queues.put(directory, new Read(queue, all.revision()));
        }
    }

    @Override
    public byte[] state() {
        ObjectNode event = ConsoleJson.object();
        ArrayNode all = event.putArray("queues");
        queues.forEach((directory, read) -> {
            ObjectNode node = all.addObject();
            node.put("directory", directory.path());
            node.put("revision", read.revision());
            node.put("waiting", read.queue().waiting().size());
            ArrayNode places = node.putArray("places");
            read.queue().places().stream().limit(MOST_SHOWN).forEach(place -> put(places.addObject(), place));
        });
        return ConsoleJson.event("queues", event);
    }

    private static void put(ObjectNode to, TurnQueue.Place place) {
        to.put("key", place.token().entry().path());
        to.put("token", place.token().revision());
        to.put("owner", place.owner());
        to.put("host", Objects.toString(place.host(), ""));
        to.put("process", Objects.toString(place.process(), ""));
        to.put("since", Objects.toString(place.since(), ""));
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
