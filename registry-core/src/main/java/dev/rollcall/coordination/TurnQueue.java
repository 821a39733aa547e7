package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a lock or of an election as the store had it at one revision: who has the turn and who waits behind. For people and tools, which see the
 * queues of others in it; who takes part has a {@link DistributedLock} or a {@link LeaderElection}.
 *
 * <p>Locks and elections are kept in the same way, so nothing in the store tells one from the other.
 *
 * @param directory where the queue is
 * @param places in the order of their turns, never empty: the first has the turn
 */
public record TurnQueue(Directory directory, List<Place> places) {
    private static final String PREFIX = "place-";

    /** By the keys too, since a stranger might create two in one transaction. */
    static final Comparator<KeyValue> ORDER =
            Comparator.comparingLong(KeyValue::revision).thenComparing(KeyValue::key);

    /**
     * A place in a queue. All but the token is what its owner says of itself, and what is null the owner does not say: strangers may write such entries.
     *
     * @param token the token of its turn, which has come if this is the first place and is waited for if not
     * @param owner the candidate's id, or the name of the lock's owner; of an entry that names none, its text
     * @param host the machine, as it calls itself
     * @param process the number of the process there
     * @param since when the place was asked for, by the owner's clock
     */
    public record Place(
            FencingToken token,
            String owner,
            @Nullable String host,
            @Nullable Long process,
            @Nullable Instant since) {
        public Place {
            requireNonNull(token, "token");
            requireNonNull(owner, "owner");
        }
    }

    /**
     * A queue of these places.
     *
     * @throws IllegalArgumentException if there are none
     */
    public TurnQueue {
        requireNonNull(directory, "directory");
        places = List.copyOf(places);
        if (places.isEmpty()) {
            throw new IllegalArgumentException("The queue '" + directory + "' has no places, so there is none.");
        }
    }

    /** Who has the turn. */
    public Place holder() {
        return places.get(0);
    }

    /** Who waits, in the order of their turns. */
    public List<Place> waiting() {
        return places.subList(1, places.size());
    }

    /** All queues at and below the directory of {@code snapshot}, by directory; a directory without places has none. */
    public static List<TurnQueue> in(Snapshot snapshot) {
        Map<Directory, List<KeyValue>> found = new TreeMap<>();
        for (KeyValue entry : snapshot.entries()) {
            if (isPlace(entry)) {
                found.computeIfAbsent(entry.key().parent(), directory -> new ArrayList<>())
                        .add(entry);
            }
        }
        List<TurnQueue> queues = new ArrayList<>(found.size());
        found.forEach((directory, entries) -> queues.add(new TurnQueue(
                directory,
                entries.stream().sorted(ORDER).map(TicketRecord::placeOf).toList())));
        return queues;
    }

    /**
     * Whether an entry whose key ends with {@code name} can be a place, as it is one if it is leased. With it a watch of many keys is asked which of
     * them are worth a read.
     *
     * @param name the last segment of a key
     */
    public static boolean isNameOfPlace(String name) {
        return name.startsWith(PREFIX) && name.indexOf('/') < 0;
    }

    /** Whether an entry is a place in the queue of its directory; the same for everyone who looks. */
    static boolean isPlace(KeyValue entry) {
        String path = entry.key().path();
        return entry.leased() && isNameOfPlace(path.substring(path.lastIndexOf('/') + 1));
    }

    /** The name of the place with this id. */
    static String nameOf(Object id) {
        return PREFIX + id;
    }
}
