package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.kv.BackendUrl;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.X509Exception;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * How a handle reaches its store.
 *
 * @param name what it is called in messages: the URL without password and options
 * @param hosts the members of the ensemble
 * @param layout where the store's nodes are
 * @param credentials {@code user:password} for the digest scheme, or null
 * @param acl the permissions of every node that is created
 * @param timeout the deadline of each operation
 * @param sessionTimeout the timeout that the session without leases asks for
 * @param batching whether operations that wait at the same time may share a request
 * @param client the settings that are passed on to ZooKeeper's client, TLS among them
 * @param probe what finds out why a member cannot be used
 */
record ZooKeeperConfig(
        String name,
        List<String> hosts,
        Layout layout,
        @Nullable String credentials,
        List<ACL> acl,
        Duration timeout,
        Duration sessionTimeout,
        boolean batching,
        Map<String, String> client,
        MemberProbe probe) {
    private static final String TIMEOUT = "timeout";
    private static final String SESSION_TIMEOUT = "sessionTimeout";
    private static final String BATCHING = "batching";
    private static final String ACL_OPTION = "acl";
    private static final String TLS = "tls";
    private static final String KEY_STORE = "keyStore";
    private static final String KEY_STORE_PASSWORD = "keyStorePassword";
    private static final String KEY_STORE_TYPE = "keyStoreType";
    private static final String TRUST_STORE = "trustStore";
    private static final String TRUST_STORE_PASSWORD = "trustStorePassword";
    private static final String TRUST_STORE_TYPE = "trustStoreType";
    private static final String VERIFY_HOST = "tlsVerifyHostname";
    private static final String SASL = "sasl";
    private static final String SASL_CONTEXT = "saslContext";
    private static final String DEFAULT_SASL_CONTEXT = "Client";
    private static final Set<String> STORES = Set.of(
            KEY_STORE,
            KEY_STORE_PASSWORD,
            KEY_STORE_TYPE,
            TRUST_STORE,
            TRUST_STORE_PASSWORD,
            TRUST_STORE_TYPE,
            VERIFY_HOST);
    static final Set<String> OPTIONS = Set.of(
            TIMEOUT,
            SESSION_TIMEOUT,
            BATCHING,
            ACL_OPTION,
            TLS,
            KEY_STORE,
            KEY_STORE_PASSWORD,
            KEY_STORE_TYPE,
            TRUST_STORE,
            TRUST_STORE_PASSWORD,
            TRUST_STORE_TYPE,
            VERIFY_HOST,
            SASL,
            SASL_CONTEXT);

    private static final Duration LONGEST = Duration.ofHours(1);

    /**
     * The largest reply that is accepted. The limit is the client's own, whatever the server's {@code jute.maxbuffer}; lists are read in
     * pieces, and only the names of one node's children have to come in one.
     */
    static final int MAX_REPLY_BYTES = 128 << 20;

    /** What ZooKeeper's server takes by default in one request. */
    static final int MAX_REQUEST_BYTES = 0xfffff;

    /** Reads a URL, refusing what it does not know. */
    static ZooKeeperConfig of(BackendUrl url) {
        url.rejectOtherOptions(OPTIONS);
        if (url.hosts().isEmpty()) {
            throw new IllegalArgumentException("A zookeeper URL needs a host, as in 'zookeeper://host:2181/root'.");
        }
        url.hosts().forEach(Endpoints::address);
        Map<String, String> client = client(url);
        return new ZooKeeperConfig(
                url.toString(),
                url.hosts(),
                Layout.of(url.path()),
                credentials(url),
                AccessList.parse(url.option(ACL_OPTION).orElse(hasIdentity(url, client) ? "creator" : "open")),
                limited(url, TIMEOUT, Duration.ofSeconds(5)),
                limited(url, SESSION_TIMEOUT, Duration.ofSeconds(10)),
                url.flag(BATCHING, true),
                client,
                new MemberProbe(certificates(client), url.flag(VERIFY_HOST, true)));
    }

    /** Whether servers know who this client is: by a user, a login or a certificate. */
    private static boolean hasIdentity(BackendUrl url, Map<String, String> client) {
        return url.user().isPresent()
                || Boolean.parseBoolean(client.get("zookeeper.sasl.client"))
                || url.option(KEY_STORE).isPresent();
    }

    /**
     * What to connect by TLS with, or null; read for each connection, since certificates are renewed on disk. A store that cannot be read is
     * refused here as well, and not only at each attempt to connect.
     */
    private static MemberProbe.@Nullable Certificates certificates(Map<String, String> client) {
        if (!Boolean.parseBoolean(client.get("zookeeper.client.secure"))) {
            return null;
        }
        ZKClientConfig settings = new ZKClientConfig();
        client.forEach(settings::setProperty);
        try {
            context(settings);
        } catch (X509Exception e) {
            throw new IllegalArgumentException("The " + unusable(e) + ". Check the file, its type and its password.");
        }
        return () -> {
            try {
                return context(settings);
            } catch (X509Exception e) {
                throw new SSLException("the " + unusable(e), e);
            }
        };
    }

    private static SSLContext context(ZKClientConfig settings) throws X509Exception {
        try (ClientX509Util util = new ClientX509Util()) {
            return util.createSSLContext(settings);
        }
    }

    private static String unusable(X509Exception failure) {
        return "option '" + culprit(failure) + "' names a store that cannot be used: "
                + innermost(failure).getMessage();
    }

    private static String culprit(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof X509Exception.TrustManagerException) {
                return TRUST_STORE;
            }
        }
        return KEY_STORE;
    }

    private static Throwable innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static Duration limited(BackendUrl url, String option, Duration absent) {
        Duration duration = url.duration(option, absent);
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("The option '" + option + "' is at most 1h.");
        }
        return duration;
    }

    private static @Nullable String credentials(BackendUrl url) {
        if (url.user().isEmpty()) {
            return null;
        }
        if (url.user().get().indexOf(':') >= 0) {
            throw new IllegalArgumentException("The user name of a zookeeper URL must not contain a colon.");
        }
        return url.user().get() + ":" + url.password().orElse("");
    }

    private static Map<String, String> client(BackendUrl url) {
        // Each of these has a value, so that no system property of the host decides in the URL's place.
        Map<String, String> client = new TreeMap<>();
        boolean tls = url.flag(TLS, false);
        client.put("zookeeper.client.secure", String.valueOf(tls));
        client.put("zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocket" + (tls ? "Netty" : "NIO"));
        if (tls) {
            for (String store : List.of("keyStore", "trustStore")) {
                for (String part : List.of("location", "password", "passwordPath", "type")) {
                    client.put("zookeeper.ssl." + store + "." + part, "");
                }
            }
            store(url, client, KEY_STORE, "keyStore");
            store(url, client, TRUST_STORE, "trustStore");
            client.put("zookeeper.ssl.hostnameVerification", String.valueOf(url.flag(VERIFY_HOST, true)));
        } else {
            for (String option : STORES) {
                if (url.option(option).isPresent()) {
                    throw new IllegalArgumentException("The option '" + option + "' needs the option tls=true.");
                }
            }
        }
        sasl(url, client);
        return client;
    }

    /**
     * Without a section to log in with, the client would go on without a login, but before each attempt to connect it would ask for the name
     * of the server's address, and a name service that is out of reach makes that last for seconds. A section that was asked for and is
     * missing is a mistake, which would only show as a server that serves nobody.
     */
    private static void sasl(BackendUrl url, Map<String, String> client) {
        String section = url.option(SASL_CONTEXT).orElse(DEFAULT_SASL_CONTEXT);
        if (section.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("The option 'saslContext' must not contain control characters.");
        }
        boolean wanted = url.flag(SASL, true);
        boolean possible = wanted && hasSection(section);
        if (wanted && !possible && url.option(SASL_CONTEXT).isPresent()) {
            throw new IllegalArgumentException("The option 'saslContext' names the section '" + section
                    + "', which the JVM's login configuration does not have; name a file that has it by the system property '"
                    + "java.security.auth.login.config'.");
        }
        if (possible) {
            client.put("zookeeper.sasl.client", "true");
            client.put("zookeeper.sasl.clientconfig", section);
        } else {
            client.put("zookeeper.sasl.client", "false");
        }
    }

    private static boolean hasSection(String section) {
        try {
            return Configuration.getConfiguration().getAppConfigurationEntry(section) != null;
        } catch (SecurityException | IllegalArgumentException e) {
            // That is how configurations say that there is none, or none that can be read.
            return false;
        }
    }

    private static void store(BackendUrl url, Map<String, String> client, String option, String property) {
        url.file(option).ifPresent(file -> {
            if (!Files.isReadable(file)) {
                throw new IllegalArgumentException(
                        "The option '" + option + "' names '" + file + "', which is not a file that can be read.");
            }
            client.put("zookeeper.ssl." + property + ".location", file.toString());
        });
        url.option(option + "Password")
                .ifPresent(secret -> client.put("zookeeper.ssl." + property + ".password", secret));
        url.option(option + "Type").ifPresent(type -> client.put("zookeeper.ssl." + property + ".type", type));
    }

    /** The settings of a new client. */
    ZKClientConfig clientConfig() {
        ZKClientConfig settings = new ZKClientConfig();
        settings.setProperty("jute.maxbuffer", String.valueOf(MAX_REPLY_BYTES));
        // Handles judge slow answers by their own deadlines; the client's would only bear on its synchronous calls.
        settings.setProperty("zookeeper.request.timeout", "0");
        // The watches rest on it.
        settings.setProperty("zookeeper.disableAutoWatchReset", "false");
        client.forEach(settings::setProperty);
        return settings;
    }

    void authenticate(ZooKeeper opened) {
        if (credentials != null) {
            opened.addAuthInfo("digest", credentials.getBytes(UTF_8));
        }
    }

    /** The name; everything else may hold secrets. */
    @Override
    public String toString() {
        return name;
    }
}
