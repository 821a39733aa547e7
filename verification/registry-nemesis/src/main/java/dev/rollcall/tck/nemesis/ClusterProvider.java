package dev.rollcall.tck.nemesis;

import java.nio.file.Path;
import java.util.Map;

/**
 * Starts clusters by name, as for {@code rollcall tck --cluster}: found by {@link java.util.ServiceLoader}, so it needs a public
 * constructor without arguments and its name in {@code META-INF/services/dev.rollcall.tck.nemesis.ClusterProvider}.
 */
public interface ClusterProvider {
    /** What users call it, such as {@code etcd}: a word in lower case. */
    String name();

    /**
     * Starts a cluster with an empty store, and returns when it serves. The caller closes it.
     *
     * @param directory where the servers may keep their data and logs, in places of their own; made if it is missing
     * @throws RuntimeException if it cannot be started; the message says why, and nothing goes on running
     */
    Cluster start(Path directory);

    /** The options that {@link #start(Path, Map)} takes, each with what it means; none unless overridden. Others are refused before it is called. */
    default Map<String, String> options() {
        return Map.of();
    }

    /**
     * Starts a cluster with options, such as {@code auth=jwt}.
     *
     * @throws IllegalArgumentException if an option or its value is wrong; the message says what is allowed
     */
    default Cluster start(Path directory, Map<String, String> options) {
        if (!options.isEmpty()) {
            throw new IllegalArgumentException(
                    "The cluster '" + name() + "' takes no options, but was given " + options + ".");
        }
        return start(directory);
    }
}
