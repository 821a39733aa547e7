package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.support.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link NodeView}; immutable. By default a view shows what the store has. */
public final class ViewOptions {
    private static final ViewOptions DEFAULTS = new ViewOptions(builder());

    private final @Nullable Duration emptyProtection;
    private final @Nullable Path file;
    private final @Nullable Duration auditEvery;
    private final Consumer<? super ViewAudit> auditListener;

    private ViewOptions(Builder from) {
        this.emptyProtection = from.emptyProtection;
        this.file = from.file;
        this.auditEvery = from.auditEvery;
        this.auditListener = from.auditListener;
    }

    /** No options. */
    public static ViewOptions defaults() {
        return DEFAULTS;
    }

    /** A new builder; not safe for use by several threads. */
    public static Builder builder() {
        return new Builder();
    }

    @Nullable
    Duration emptyProtection() {
        return emptyProtection;
    }

    @Nullable
    Path file() {
        return file;
    }

    @Nullable
    Duration auditEvery() {
        return auditEvery;
    }

    Consumer<? super ViewAudit> auditListener() {
        return auditListener;
    }

    /** Collects settings. */
    public static final class Builder {
        private @Nullable Duration emptyProtection;
        private @Nullable Path file;
        private @Nullable Duration auditEvery;
        private Consumer<? super ViewAudit> auditListener = audit -> {};

        private Builder() {}

        /**
         * Protects against a sudden empty set: where there were nodes alive and the store has none all at once, the view goes on showing the last ones for
         * at most this long, and says so by {@link NodeView#protectedSince()}. A mass failure is then survived by clients that try the old
         * addresses, and a set that is empty for good is still seen, later. Off unless set.
         *
         * @throws IllegalArgumentException if it is not positive or longer than 365 days
         */
        public Builder protectEmpty(Duration atMost) {
            Durations.check("protection against an empty set", atMost);
            emptyProtection = atMost;
            return this;
        }

        /**
         * Keeps the last known state in this file, for a start while the store is away: a view that is opened then shows what was there, and says so by
         * {@link NodeView#restoredFrom()}. Written at most once a second, and when the view is closed, by moving a temporary file of the same directory
         * into place. A file that is damaged, of a newer version or of another kind is left unread with a warning. One file for each view; it holds the
         * records, so whoever may not read those must not read it. Off unless set.
         */
        public Builder file(Path value) {
            file = requireNonNull(value, "file");
            return this;
        }

        /**
         * Compares the view with a fresh list from time to time, and reports. An audit reads all of the registry's root. Off unless set.
         *
         * @throws IllegalArgumentException if {@code every} is not positive or longer than 365 days
         */
        public Builder audit(Duration every, Consumer<? super ViewAudit> listener) {
            Durations.check("time between audits", every);
            auditEvery = every;
            auditListener = requireNonNull(listener, "listener");
            return this;
        }

        /** The options. */
        public ViewOptions build() {
            return new ViewOptions(this);
        }
    }
}
