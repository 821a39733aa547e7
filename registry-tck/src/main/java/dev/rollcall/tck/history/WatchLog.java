package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one watch told its listener.
 *
 * @param id names the watch within its history
 * @param client the handle it was started on
 * @param directory what it watches
 * @param start how it was started
 * @param after the revision it was started after; 0 for {@link Start#SNAPSHOT}
 * @param opened when it was started
 * @param closed when its owner's {@code close()} had returned, or null if it was not closed
 * @param owed the revision that it had to reach, all writes having stopped and all connections healed; 0 if nobody waited for it
 * @param deliveries the calls of its listener
 */
public record WatchLog(
        int id,
        String client,
        Directory directory,
        Start start,
        long after,
        Moment opened,
        @Nullable Moment closed,
        long owed,
        List<Delivery> deliveries) {
    public WatchLog {
        requireNonNull(client, "client");
        requireNonNull(directory, "directory");
        requireNonNull(start, "start");
        requireNonNull(opened, "opened");
        deliveries = List.copyOf(deliveries);
    }

    /** How a watch was started. */
    public enum Start {
        /** With the present state. */
        SNAPSHOT,
        /** After a revision. */
        AFTER,
        /** After a revision, each revision by itself. */
        HISTORY
    }

    /** One call of the listener. */
    public record Delivery(Moment at, Signal signal) {
        public Delivery {
            requireNonNull(at, "at");
            requireNonNull(signal, "signal");
        }
    }

    /** What the listener was told. */
    public sealed interface Signal {}

    /** The whole directory. */
    public record Whole(List<Entry> entries, long revision) implements Signal {
        public Whole {
            entries = List.copyOf(entries);
        }

        @Override
        public String toString() {
            return "snapshot of " + entries.size() + " entries, at " + revision;
        }
    }

    /** What has changed. */
    public record Delta(List<Item> items, long revision) implements Signal {
        public Delta {
            items = List.copyOf(items);
        }

        @Override
        public String toString() {
            return items + ", at " + revision;
        }
    }

    /** The end of the watch, with the simple name and message of the cause or null. */
    public record End(@Nullable String cause) implements Signal {
        @Override
        public String toString() {
            return cause == null ? "end" : "end: " + cause;
        }
    }

    /** What became of one key: set to {@code entry}, or deleted if that is null. */
    public record Item(Key key, @Nullable Entry entry, long revision) {
        public Item {
            requireNonNull(key, "key");
        }

        /** The key was set. */
        public static Item put(Entry entry) {
            return new Item(entry.key(), entry, entry.revision());
        }

        /** The key was deleted. */
        public static Item delete(Key key, long revision) {
            return new Item(key, null, revision);
        }

        @Override
        public String toString() {
            return (entry == null ? "delete " + key : "put " + key + " = " + entry.value()) + " of " + revision;
        }
    }

    WatchLog withDeliveries(List<Delivery> others) {
        return new WatchLog(id, client, directory, start, after, opened, closed, owed, others);
    }

    @Override
    public String toString() {
        return "watch " + id + " of " + client + " on " + directory;
    }
}
