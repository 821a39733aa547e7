package dev.rollcall.zookeeper;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.support.HandleThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;

/**
 * Opens a backend on ZooKeeper with settings that a URL cannot express: members that change, permissions by path, a {@link ZKClientConfig}. It is meant for modules
 * that translate the configuration of another client; an application should use a URL if it can, since that keeps it independent of its store.
 *
 * <p>Not for use by several threads at once.
 */
public final class ZooKeeperBackendBuilder {
    private final Supplier<List<String>> members;
    private final Layout layout;
    private final List<ZooKeeperConfig.Identity> identities = new ArrayList<>();
    private Duration timeout = ZooKeeperConfig.DEFAULT_TIMEOUT;
    private Duration sessionTimeout = ZooKeeperConfig.DEFAULT_SESSION_TIMEOUT;
    private Duration connectTimeout = ZooKeeperConfig.LONGEST;
    private Function<String, List<ACL>> acls = path -> Ids.OPEN_ACL_UNSAFE;
    private ZKClientConfig client = new ZKClientConfig();

    private ZooKeeperBackendBuilder(Supplier<List<String>> members, Layout layout) {
        this.members = members;
        this.layout = layout;
    }

    /**
     * Settings for a store below {@code root}.
     *
     * @param members names the members of the ensemble, each {@code host} or {@code host:port}; the port is 2181 if none is given. It is asked by {@link #open}, and
     *     again for each round of attempts to connect, on a thread for code of the application. While it throws, names nobody or takes longer than a second, the
     *     members that it named last stay in use
     * @param root the absolute path below which the nodes of the store are
     * @throws IllegalArgumentException if a store cannot be there
     */
    public static ZooKeeperBackendBuilder at(Supplier<List<String>> members, String root) {
        return new ZooKeeperBackendBuilder(requireNonNull(members, "members"), Layout.of(root));
    }

    /**
     * How long an operation may take; 5 seconds by default.
     *
     * @throws IllegalArgumentException if it is not positive, or longer than an hour
     */
    public ZooKeeperBackendBuilder timeout(Duration limit) {
        timeout = ZooKeeperConfig.limited("timeout", limit);
        return this;
    }

    /**
     * The timeout that the session without leases requests; 10 seconds by default.
     *
     * @throws IllegalArgumentException if it is not positive, or longer than an hour
     */
    public ZooKeeperBackendBuilder sessionTimeout(Duration limit) {
        sessionTimeout = ZooKeeperConfig.limited("session timeout", limit);
        return this;
    }

    /**
     * How long an attempt to connect to a member may last, before another one is tried. By default a third of the session's timeout where there is one member, and
     * less where there are more; this makes it shorter, down to 2 seconds, which a busy server needs to begin a session.
     *
     * @throws IllegalArgumentException if it is not positive, or longer than an hour
     */
    public ZooKeeperBackendBuilder connectTimeout(Duration limit) {
        connectTimeout = ZooKeeperConfig.limited("connection timeout", limit);
        return this;
    }

    /**
     * An identity of the client, in addition to those of earlier calls; none by default.
     *
     * @param proof what proves it, by the rules of the scheme: {@code user:password} for {@code digest}
     */
    public ZooKeeperBackendBuilder identity(String scheme, byte[] proof) {
        identities.add(new ZooKeeperConfig.Identity(requireNonNull(scheme, "scheme"), proof.clone()));
        return this;
    }

    /**
     * Which permissions a node gets when it is created, by its path; everybody may do everything by default. It is asked by {@link #open} for the root and what is
     * above it, and by each commit for what it writes and the directories above that, on the thread that calls. If it throws or has none, {@link #open} throws, and a commit
     * fails before anything is sent. The backend's own nodes get the permissions of the root.
     */
    public ZooKeeperBackendBuilder acls(Function<String, List<ACL>> byPath) {
        acls = requireNonNull(byPath, "byPath");
        return this;
    }

    /**
     * Further settings of ZooKeeper's client, for TLS and SASL in particular; they are read for each new session. By default those of a new {@link ZKClientConfig}, which
     * are the JVM's system properties. The largest reply, the deadline of requests and what becomes of watches stay the backend's.
     */
    public ZooKeeperBackendBuilder client(ZKClientConfig settings) {
        client = requireNonNull(settings, "settings");
        return this;
    }

    /**
     * Opens a handle and does not wait for ZooKeeper.
     *
     * @throws IllegalArgumentException if there is no member, one can never be, a store of certificates cannot be used, or the root has no permissions
     */
    public KvBackend open() {
        HandleThreads threads = HandleThreads.open("zookeeper");
        boolean opened = false;
        try {
            Ensemble ensemble = Ensemble.of(members, threads.callbacks(), Ensemble.PATIENCE);
            ZooKeeperConfig config = ZooKeeperConfig.of(
                    ensemble,
                    layout,
                    identities,
                    NodeAccess.byPath(acls, layout),
                    new ZooKeeperConfig.Timeouts(timeout, sessionTimeout, connectTimeout),
                    client);
            KvBackend handle = ZooKeeperBackend.open(config, ClientTransport::open, threads);
            opened = true;
            return handle;
        } finally {
            // Code of the application may end by any Throwable.
            if (!opened) {
                threads.close();
            }
        }
    }
}
