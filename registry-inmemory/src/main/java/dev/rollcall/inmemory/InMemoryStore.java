package dev.rollcall.inmemory;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.SystemTime;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A store inside this JVM. Each {@link #open()} gives a handle that is a client of its own; handles share the data and nothing else.
 *
 * <p>A {@linkplain #named named} store is the one that the URL {@code inmemory:<name>} opens. It keeps its data when its last handle is
 * closed, until it is {@linkplain #drop dropped}. A store from {@link Builder#build()} is reachable only through its instance.
 */
public final class InMemoryStore {
    /** The timeout of operations on a handle that was opened without one. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** The number of revisions kept for watches, if none was given. */
    public static final int DEFAULT_HISTORY = 10_000;

    /** The most revisions that can be kept for watches. */
    public static final int LONGEST_HISTORY = 1_000_000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final ConcurrentMap<String, InMemoryStore> NAMED = new ConcurrentHashMap<>();

    private final String name;
    private final TimeSource time;
    private final StoreData storeData;

    private InMemoryStore(Builder builder) {
        this.name = builder.name;
        this.time =
                builder.time == null ? new SystemTime("rollcall-inmemory-" + builder.name + "-timer") : builder.time;
        this.storeData = new StoreData(builder.historyLimit);
    }

    /**
     * The store with this name, which is made if there is none.
     *
     * @throws IllegalArgumentException if {@code name} is not 1 to 64 letters, digits, dots, hyphens and underscores
     */
    public static InMemoryStore named(String name) {
        return named(name, builder -> builder);
    }

    /** The store with this name, which is made with these settings if there is none. */
    static InMemoryStore named(String name, UnaryOperator<Builder> settings) {
        Builder builder = settings.apply(builder().name(name));
        return NAMED.computeIfAbsent(name, absent -> builder.build());
    }

    /**
     * Forgets the store with this name, so that the next use of the name begins with an empty one. Handles that are open keep the data.
     *
     * @return whether there was one
     */
    public static boolean drop(String name) {
        return NAMED.remove(name) != null;
    }

    /** Settings for a new store; not safe for use by several threads. */
    public static Builder builder() {
        return new Builder();
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** The number of revisions that are kept for watches. */
    public int historyLimit() {
        return storeData.history().limit();
    }

    /** The revision of the last transaction; 0 if there was none. */
    public long revision() {
        return storeData.state().revision();
    }

    /** A new handle, connected, whose operations have {@link #DEFAULT_TIMEOUT}. */
    public InMemoryBackend open() {
        return open(DEFAULT_TIMEOUT);
    }

    /**
     * A new handle, connected.
     *
     * @param timeout how long an operation may take, which matters under {@link Faults} only
     * @throws IllegalArgumentException if {@code timeout} is zero or negative
     */
    public InMemoryBackend open(Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("The timeout must be positive, but it is " + timeout + ".");
        }
        return new InMemoryBackend("inmemory:" + name, storeData, HandleThreads.open("inmemory", time), timeout);
    }

    /** Forgets all history, so that watches can only begin from now. */
    public void compact() {
        compact(revision());
    }

    /**
     * Forgets the history up to {@code revision}, so that a watch can begin after it but not before.
     *
     * @throws IllegalArgumentException if {@code revision} is negative or lies ahead of the store
     */
    public void compact(long revision) {
        storeData.compact(revision);
    }

    StoreData storeData() {
        return storeData;
    }

    @Override
    public String toString() {
        return "InMemoryStore[" + name + ", revision " + revision() + "]";
    }

    /** Settings for a new store. */
    public static final class Builder {
        private String name = "private";
        private @Nullable TimeSource time;
        private int historyLimit = DEFAULT_HISTORY;

        private Builder() {}

        /**
         * The name, which shows in messages, and under which {@link #register()} makes the store known.
         *
         * @throws IllegalArgumentException if {@code name} is not 1 to 64 letters, digits, dots, hyphens and underscores
         */
        public Builder name(String name) {
            if (!NAME.matcher(requireNonNull(name, "name")).matches()) {
                throw new IllegalArgumentException("The name of a store has 1 to 64 letters, digits, dots, hyphens and"
                        + " underscores, but this one is '" + name + "'.");
            }
            this.name = name;
            return this;
        }

        /** What leases, deadlines and delays go by; the system's time if not set. */
        public Builder time(TimeSource time) {
            this.time = requireNonNull(time, "time");
            return this;
        }

        /**
         * How many revisions are kept for watches, {@value #DEFAULT_HISTORY} if not set. They hold the values that were written.
         *
         * @throws IllegalArgumentException if {@code revisions} is not between 1 and {@value #LONGEST_HISTORY}
         */
        public Builder historyLimit(int revisions) {
            if (revisions < 1 || revisions > LONGEST_HISTORY) {
                throw new IllegalArgumentException(
                        "A store keeps 1 to " + LONGEST_HISTORY + " revisions, not " + revisions + ".");
            }
            this.historyLimit = revisions;
            return this;
        }

        /** A new store, reachable only through the instance. */
        public InMemoryStore build() {
            return new InMemoryStore(this);
        }

        /**
         * A new store that {@link InMemoryStore#named} and URLs find by its name.
         *
         * @throws IllegalStateException if there is one with that name
         */
        public InMemoryStore register() {
            InMemoryStore store = build();
            if (NAMED.putIfAbsent(name, store) != null) {
                throw new IllegalStateException(
                        "There is a store named '" + name + "' already; drop it first, or choose another name.");
            }
            return store;
        }
    }
}
