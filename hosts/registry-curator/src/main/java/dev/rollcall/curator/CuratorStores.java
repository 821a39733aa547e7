package dev.rollcall.curator;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.zookeeper.ZooKeeperBackendBuilder;
import java.time.Duration;
import java.util.List;
import org.apache.curator.CuratorZookeeperClient;
import org.apache.curator.ensemble.EnsembleProvider;
import org.apache.curator.framework.AuthInfo;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens stores on ZooKeeper by the configuration of a Curator client.
 *
 * <p>What connects is Rollcall's own client, with sessions of its own; Curator's is neither built nor used. Of the builder these are used:
 *
 * <ul>
 *   <li>the ensemble provider, which is asked again for each round of attempts to connect, on a thread for code of the application. While it fails, has no connection
 *       string or takes longer than a second, the members that it named last stay in use. It is started and closed by whoever has made it;
 *   <li>a path behind the addresses, and then the namespace, as what stands before every path;
 *   <li>the authorizations, and the ACL provider: it is asked for the root when the store is opened, and by each commit for what that writes and the directories above it, on
 *       the thread that calls. If it throws, the commit fails before anything is sent;
 *   <li>the {@code ZKClientConfig}, with TLS and SASL; without one, the system properties that ZooKeeper's client reads;
 *   <li>{@code sessionTimeoutMs}, for the session without leases, since a lease has its own ttl, and {@code connectionTimeoutMs}, as the longest attempt to connect
 *       to one member, but not less than 2 seconds.
 * </ul>
 *
 * <p>These have no effect, which one line of the log says where they are set: the retry policy, since a store sends again what surely had no effect until its timeout;
 * compression, so that a value which Curator has compressed is read as the compressed bytes; {@code defaultData}, since a value is always given; {@code
 * canBeReadOnly}, since a member without a quorum cannot serve; {@code dontUseContainerParents}, since a store removes empty directories itself; the schema set; Curator's
 * threads, factories, error policy and times of its own end. Nor has the ensemble tracker: a reconfigured ensemble is followed as far as the provider names it, which a running
 * client with the same provider sees to.
 */
public final class CuratorStores {
    private static final Logger LOG = LoggerFactory.getLogger(CuratorStores.class);

    private CuratorStores() {}

    /**
     * Opens a handle and does not wait for ZooKeeper. A key of the store is, for a Curator client of the same builder, the node whose path consists of {@code root} and
     * the key's path.
     *
     * @param builder not kept, nor changed; what is set later has no effect
     * @param root the directory in which the keys of the store lie, below the namespace; the root for all of it, where there is a namespace or a path behind the addresses
     * @param timeout how long an operation may take
     * @throws IllegalArgumentException naming the setting that is missing or cannot be used, and what to do instead
     */
    public static KvBackend open(CuratorFrameworkFactory.Builder builder, Directory root, Duration timeout) {
        EnsembleProvider provider = builder.getEnsembleProvider();
        if (provider == null) {
            throw new IllegalArgumentException(
                    "The builder names no ensemble; set connectString, such as localhost:2181, or an ensembleProvider.");
        }
        ConnectionString ensemble = new ConnectionString(provider::getConnectionString);
        List<AuthInfo> authorizations = builder.getAuthInfos();
        ZooKeeperBackendBuilder settings = settings(ensemble, builder.getNamespace(), root, builder.getZkClientConfig())
                .timeout(timeout)
                .sessionTimeout(Duration.ofMillis(builder.getSessionTimeoutMs()))
                .connectTimeout(Duration.ofMillis(builder.getConnectionTimeoutMs()))
                .acls(new CuratorAccess(builder.getAclProvider(), ensemble.chroot())::of);
        // Before anything is open that would have to be closed, should another version of Curator lack a getter.
        List<String> ignored = IgnoredSetting.of(builder);
        KvBackend store = identify(settings, authorizations == null ? List.of() : authorizations)
                .open();
        if (!ignored.isEmpty()) {
            LOG.info(
                    "The store {} is opened by the settings of a Curator client; these have no effect on it: {}.",
                    store.name(),
                    String.join(", ", ignored));
        }
        return store;
    }

    /**
     * Opens a handle by what a running client tells: its ensemble, now and later, its namespace, its timeouts and the settings of its ZooKeeper client. A client does
     * not tell who it is, nor its ACL provider; these are given here, since a default would create nodes that are open to everybody.
     *
     * @param client started and connected; it stays the application's, and may be closed before the store, which then keeps to the members that were known last
     * @param root as for a builder
     * @param timeout how long an operation may take
     * @param authorizations the identities of the client; empty for none
     * @param acls the permissions of nodes that are created
     * @throws IllegalArgumentException naming what is missing or cannot be used
     * @throws IllegalStateException if the client is not started, or has no connection
     */
    public static KvBackend open(
            CuratorFramework client,
            Directory root,
            Duration timeout,
            List<AuthInfo> authorizations,
            ACLProvider acls) {
        CuratorZookeeperClient inner = client.getZookeeperClient();
        ZKClientConfig own = settingsOf(inner);
        ConnectionString ensemble = new ConnectionString(inner::getCurrentConnectionString);
        ZooKeeperBackendBuilder settings = settings(ensemble, client.getNamespace(), root, own)
                .timeout(timeout)
                .connectTimeout(Duration.ofMillis(inner.getConnectionTimeoutMs()))
                .acls(new CuratorAccess(requireNonNull(acls, "acls"), ensemble.chroot())::of);
        int sessionMillis = inner.getLastNegotiatedSessionTimeoutMs();
        if (sessionMillis > 0) {
            settings.sessionTimeout(Duration.ofMillis(sessionMillis));
        }
        return identify(settings, authorizations).open();
    }

    private static ZKClientConfig settingsOf(CuratorZookeeperClient client) {
        try {
            return client.getZooKeeper().getClientConfig();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the CuratorFramework was asked for its settings.", e);
        } catch (Exception e) {
            // Curator declares every exception there is.
            throw new IllegalStateException(
                    "The CuratorFramework has no ZooKeeper client whose settings could be read: " + e
                            + ". Start it, and wait until it is connected.",
                    e);
        }
    }

    private static ZooKeeperBackendBuilder settings(
            ConnectionString ensemble, @Nullable String namespace, Directory root, @Nullable ZKClientConfig client) {
        String path = ensemble.chroot()
                + (namespace == null || namespace.isEmpty() ? "" : "/" + namespace)
                + (requireNonNull(root, "root").isRoot() ? "" : root.path());
        if (path.isEmpty()) {
            throw new IllegalArgumentException("Where the client has no namespace, a store needs a root, such as /app:"
                    + " ZooKeeper keeps nodes of its own at the top.");
        }
        ZooKeeperBackendBuilder settings = ZooKeeperBackendBuilder.at(ensemble::members, path);
        return client == null ? settings : settings.client(client);
    }

    private static ZooKeeperBackendBuilder identify(ZooKeeperBackendBuilder settings, List<AuthInfo> authorizations) {
        for (AuthInfo authorization : authorizations) {
            byte[] proof = authorization.getAuth();
            settings.identity(authorization.getScheme(), proof == null ? new byte[0] : proof);
        }
        return settings;
    }
}
