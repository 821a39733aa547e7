package dev.rollcall.kv;

import java.util.Set;

/** Opens backends of one kind by URL; found by {@link java.util.ServiceLoader}. Implementations have a public constructor without arguments. */
public interface KvBackendProvider {
    /** The URL schemes that this provider answers to, in lower case. */
    Set<String> schemes();

    /**
     * Opens a handle. Does not wait for the store: operations do, up to their deadline.
     *
     * @throws IllegalArgumentException if the URL lacks something, has an option that this provider does not know, or has a value out of
     *     range; the message names it and shows no secret
     */
    KvBackend open(BackendUrl url);

    /**
     * Refuses what {@link #open} would refuse, as far as that can be told without opening anything, so that a wrong setting is found when a program starts
     * and not when it first needs the store. Checks nothing unless overridden.
     *
     * @throws IllegalArgumentException as {@link #open}
     */
    default void check(BackendUrl url) {}
}
