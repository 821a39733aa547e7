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
import org.jspecify.annotations.Nullable;

/**
 * How a handle reaches its store.
 *
 * @param name what it is called in messages: the URL without password and options
 * @param ensemble who the members are
 * @param layout where the store's nodes are
 * @param identities who the client proves to be
 * @param access the permissions of nodes that are created
 * @param timeouts how long things may take
 * @param batching whether operations that wait at the same time may share a request
 * @param client the settings that are passed on to ZooKeeper's client, TLS among them
 * @param below the settings of the client that the application has, for what {@code client} does not say, or null for a new client's
 * @param probe what finds out why a member cannot be used
 */
record ZooKeeperConfig(
        String name,
        Ensemble ensemble,
        Layout layout,
        List<Identity> identities,
        NodeAccess access,
        Timeouts timeouts,
        boolean batching,
        Map<String, String> client,
        @Nullable ZKClientConfig below,
        MemberProbe probe) {
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofHours(1);

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

    private static final String SECURE = "zookeeper.client.secure";
    private static final String SOCKET = "zookeeper.clientCnxnSocket";
    private static final String VERIFICATION = "zookeeper.ssl.hostnameVerification";

    /**
     * The largest reply that is accepted. The limit is the client's own, whatever the server's {@code jute.maxbuffer}; lists are read in
     * pieces, and only the names of one node's children have to come in one.
     */
    static final int MAX_REPLY_BYTES = 128 << 20;

    /** What ZooKeeper's server takes by default in one request. */
    static final int MAX_REQUEST_BYTES = 0xfffff;

    /**
     * An identity that the client proves to the servers.
     *
     * @param scheme how servers check it
     * @param proof what proves it, by the rules of the scheme
     */
    record Identity(String scheme, byte[] proof) {
        /** The scheme; the proof is a secret. */
        @Override
        public String toString() {
            return scheme;
        }
    }

    /**
     * How long things may take.
     *
     * @param operation the deadline of each operation
     * @param session the timeout that the session without leases requests
     * @param connect the longest attempt to connect to a member
     */
    record Timeouts(Duration operation, Duration session, Duration connect) {}

    /** Reads a URL, refusing what it does not know. */
    static ZooKeeperConfig of(BackendUrl url) {
        url.rejectOtherOptions(OPTIONS);
        if (url.hosts().isEmpty()) {
            throw new IllegalArgumentException("A zookeeper URL needs a host, as in 'zookeeper://host:2181/root'.");
        }
        Ensemble ensemble = Ensemble.of(url.hosts());
        Map<String, String> client = client(url);
        ZKClientConfig settings = new ZKClientConfig();
        client.forEach(settings::setProperty);
        Layout layout = Layout.of(url.path());
        String acl = url.option(ACL_OPTION).orElse(hasIdentity(url, client) ? "creator" : "open");
        return new ZooKeeperConfig(
                url.toString(),
                ensemble,
                layout,
                identities(url),
                NodeAccess.same(AccessList.parse(acl), layout),
                new Timeouts(
                        limited(url, TIMEOUT, DEFAULT_TIMEOUT),
                        limited(url, SESSION_TIMEOUT, DEFAULT_SESSION_TIMEOUT),
                        LONGEST),
                url.flag(BATCHING, true),
                client,
                null,
                new MemberProbe(
                        certificates(settings, "option '" + KEY_STORE + "'", "option '" + TRUST_STORE + "'"),
                        url.flag(VERIFY_HOST, true)));
    }

    /**
     * What an application says that has the settings of a client.
     *
     * @param below those of ZooKeeper's client; they decide but for what this backend rests on, and a login that the JVM has no configuration for
     */
    static ZooKeeperConfig of(
            Ensemble ensemble,
            Layout layout,
            List<Identity> identities,
            NodeAccess access,
            Timeouts timeouts,
            ZKClientConfig below) {
        Map<String, String> client = new TreeMap<>();
        if (below.getProperty(SOCKET) == null) {
            client.put(SOCKET, socket(below.getBoolean(SECURE)));
        }
        if (!hasSection(below.getProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, DEFAULT_SASL_CONTEXT))) {
            client.put(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        }
        return new ZooKeeperConfig(
                "zookeeper://" + String.join(",", ensemble.known()) + layout.root(),
                ensemble,
                layout,
                List.copyOf(identities),
                access,
                timeouts,
                true,
                client,
                below,
                new MemberProbe(
                        certificates(below, "setting zookeeper.ssl.keyStore", "setting zookeeper.ssl.trustStore"),
                        below.getBoolean(VERIFICATION, true)));
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
    private static MemberProbe.@Nullable Certificates certificates(
            ZKClientConfig settings, String keyStore, String trustStore) {
        if (!settings.getBoolean(SECURE)) {
            return null;
        }
        try {
            context(settings);
        } catch (X509Exception e) {
            throw new IllegalArgumentException(
                    "The " + unusable(e, keyStore, trustStore) + ". Check the file, its type and its password.");
        }
        return () -> {
            try {
                return context(settings);
            } catch (X509Exception e) {
                throw new SSLException("the " + unusable(e, keyStore, trustStore), e);
            }
        };
    }

    private static SSLContext context(ZKClientConfig settings) throws X509Exception {
        try (ClientX509Util util = new ClientX509Util()) {
            return util.createSSLContext(settings);
        }
    }

    private static String unusable(X509Exception failure, String keyStore, String trustStore) {
        return (isOfTrust(failure) ? trustStore : keyStore) + " names a store that cannot be used: "
                + innermost(failure).getMessage();
    }

    private static boolean isOfTrust(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof X509Exception.TrustManagerException) {
                return true;
            }
        }
        return false;
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

    /** A time that is no option of a URL; {@code what} names it. */
    static Duration limited(String what, Duration time) {
        if (time.isZero() || time.isNegative() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The " + what + " must be positive and at most an hour, but it is " + time + ".");
        }
        return time;
    }

    private static List<Identity> identities(BackendUrl url) {
        if (url.user().isEmpty()) {
            return List.of();
        }
        if (url.user().get().indexOf(':') >= 0) {
            throw new IllegalArgumentException("The user name of a zookeeper URL must not contain a colon.");
        }
        String proof = url.user().get() + ":" + url.password().orElse("");
        return List.of(new Identity("digest", proof.getBytes(UTF_8)));
    }

    /** The deadline of each operation. */
    Duration timeout() {
        return timeouts.operation();
    }

    /** The timeout that the session without leases requests. */
    Duration sessionTimeout() {
        return timeouts.session();
    }

    private static String socket(boolean tls) {
        return "org.apache.zookeeper.ClientCnxnSocket" + (tls ? "Netty" : "NIO");
    }

    private static Map<String, String> client(BackendUrl url) {
        // Each of these has a value, so that no system property of the host decides in the URL's place.
        Map<String, String> client = new TreeMap<>();
        boolean tls = url.flag(TLS, false);
        client.put(SECURE, String.valueOf(tls));
        client.put(SOCKET, socket(tls));
        if (tls) {
            for (String store : List.of("keyStore", "trustStore")) {
                for (String part : List.of("location", "password", "passwordPath", "type")) {
                    client.put("zookeeper.ssl." + store + "." + part, "");
                }
            }
            store(url, client, KEY_STORE, "keyStore");
            store(url, client, TRUST_STORE, "trustStore");
            client.put(VERIFICATION, String.valueOf(url.flag(VERIFY_HOST, true)));
            // The client offers only the former by itself, and servers of 3.8 only take the latter.
            client.put("zookeeper.ssl.enabledProtocols", "TLSv1.3,TLSv1.2");
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
        Map<String, String> own = new TreeMap<>(client);
        own.put("jute.maxbuffer", String.valueOf(MAX_REPLY_BYTES));
        // Handles judge slow answers by their own deadlines; the client's would only bear on its synchronous calls.
        own.put("zookeeper.request.timeout", "0");
        // The watches rest on it.
        own.put("zookeeper.disableAutoWatchReset", "false");
        if (below != null) {
            return new OverlaidClientConfig(own, below);
        }
        ZKClientConfig settings = new ZKClientConfig();
        own.forEach(settings::setProperty);
        return settings;
    }

    void authenticate(ZooKeeper opened) {
        for (Identity identity : identities) {
            opened.addAuthInfo(identity.scheme(), identity.proof());
        }
    }

    /** The name; everything else may hold secrets. */
    @Override
    public String toString() {
        return name;
    }
}
