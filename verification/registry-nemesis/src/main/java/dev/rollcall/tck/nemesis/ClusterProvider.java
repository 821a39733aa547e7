package dev.rollcall.tck.nemesis;

import java.nio.file.Path;

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
}
