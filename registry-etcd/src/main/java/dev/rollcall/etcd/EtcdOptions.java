package dev.rollcall.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Limits;
import io.grpc.ClientInterceptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings from a URL or an {@link EtcdBackendBuilder}, checked. Its text form shows no secret. */
final class EtcdOptions {
    private static final String TLS_SCHEME = "etcds";
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    /** The option that names the file with the password. */
    static final String PASSWORD_FILE = "password-file";

    private static final Set<String> PLAIN = Set.of("timeout", "batching", "prefix", PASSWORD_FILE);
    private static final Set<String> WITH_TLS =
            Set.of("timeout", "batching", "prefix", PASSWORD_FILE, "ca", "cert", "key", "server-name");

    /** Where the files for TLS are; each may be absent. */
    record Tls(
            @Nullable Path ca,
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable String serverName) {}

    /**
     * What connections are made with beside what a URL can say.
     *
     * @param byUrl whether the settings were read from a URL, for messages that say what to change
     * @param ownTls the context and the limits of TLS that the application has set up itself, or null
     * @param authority what members are called in requests and by TLS in place of their own names, or null
     * @param pings when to ask whether a silent connection is still there, or null for never
     * @param interceptors of the application, around each call; the last one sees a call first
     */
    record Connecting(
            boolean byUrl,
            @Nullable OwnTls ownTls,
            @Nullable String authority,
            @Nullable Pings pings,
            List<ClientInterceptor> interceptors) {
        /** As a URL says it. */
        static Connecting byUrl(@Nullable String authority) {
            return new Connecting(true, null, authority, null, List.of());
        }
    }

    /** When HTTP/2 asks whether the other end is still there; see {@code ManagedChannelBuilder.keepAliveTime}. */
    record Pings(Duration interval, Duration patience, boolean withoutCalls) {}

    private final String name;
    private final List<Endpoint> endpoints;
    private final String prefix;
    private final Duration timeout;
    private final boolean batching;
    private final @Nullable Credentials credentials;
    private final @Nullable Tls tls;
    private final Connecting connecting;

    EtcdOptions(
            List<Endpoint> endpoints,
            String prefix,
            Duration timeout,
            boolean batching,
            @Nullable Credentials credentials,
            @Nullable Tls tls,
            Connecting connecting) {
        this.endpoints = endpoints;
        this.prefix = prefix;
        this.timeout = timeout;
        this.batching = batching;
        this.credentials = credentials;
        this.tls = tls;
        this.connecting = connecting;
        this.name = (tls == null && connecting.ownTls() == null ? "etcd" : TLS_SCHEME) + "://"
                + endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(","))
                + (prefix.isEmpty() || prefix.startsWith("/") ? "" : "?prefix=")
                + shown(prefix);
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException naming what is missing, unknown or out of range
     */
    static EtcdOptions of(BackendUrl url) {
        if (url.hosts().isEmpty()) {
            throw new IllegalArgumentException(
                    "An etcd URL names at least one host, such as etcd://localhost:2379/prefix, but '" + url
                            + "' names none.");
        }
        boolean secure = url.scheme().equals(TLS_SCHEME);
        for (String option : WITH_TLS) {
            if (!secure && !PLAIN.contains(option) && url.option(option).isPresent()) {
                throw new IllegalArgumentException(
                        "The option '" + option + "' is for TLS; it needs a URL that starts with etcds://.");
            }
        }
        url.rejectOtherOptions(secure ? WITH_TLS : PLAIN);
        Tls tls = secure ? tls(url) : null;
        return new EtcdOptions(
                endpoints(url.hosts()),
                prefix(url),
                url.duration("timeout", DEFAULT_TIMEOUT),
                url.flag("batching", true),
                credentials(url),
                tls,
                Connecting.byUrl(tls == null ? null : tls.serverName()));
    }

    /** The members of these names, each once. */
    static List<Endpoint> endpoints(List<String> hosts) {
        return hosts.stream().map(Endpoint::of).distinct().toList();
    }

    private static String prefix(BackendUrl url) {
        boolean atRoot = url.path().isEmpty() || url.path().equals("/");
        String exact = url.option("prefix").orElse(null);
        if (exact == null) {
            return atRoot ? "" : Directory.of(url.path()).path();
        }
        if (!atRoot) {
            throw new IllegalArgumentException("The prefix is given twice, by the path '" + shown(url.path())
                    + "' and by the option 'prefix'; the option is for names that do not begin with a slash.");
        }
        return checkedPrefix(exact);
    }

    /**
     * A prefix that need not be a path.
     *
     * @throws IllegalArgumentException if no name can begin with it, or all that do have an empty segment
     */
    static String checkedPrefix(String exact) {
        if (exact.endsWith("/")) {
            throw new IllegalArgumentException(
                    "The option 'prefix' must not end with '/', since a slash follows it anyway, but it is '"
                            + shown(exact) + "'.");
        }
        if (exact.indexOf('\uFFFD') >= 0) {
            throw new IllegalArgumentException("The option 'prefix' must be UTF-8, but it is '" + shown(exact) + "'.");
        }
        if (exact.getBytes(UTF_8).length > Limits.MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "The option 'prefix' must have at most " + Limits.MAX_KEY_BYTES + " bytes.");
        }
        return exact;
    }

    /** Text from a URL without what would change how it looks. */
    static String shown(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Tls tls(BackendUrl url) {
        Optional<Path> certificate = url.file("cert");
        Optional<Path> key = url.file("key");
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("The options 'cert' and 'key' belong together, but only '"
                    + (key.isPresent() ? "key" : "cert") + "' is given.");
        }
        return new Tls(
                url.file("ca").orElse(null),
                certificate.orElse(null),
                key.orElse(null),
                url.option("server-name").orElse(null));
    }

    private static @Nullable Credentials credentials(BackendUrl url) {
        String user = url.user().orElse(null);
        Path file = url.file(PASSWORD_FILE).orElse(null);
        if (user == null) {
            if (file != null) {
                throw new IllegalArgumentException(
                        "The option '" + PASSWORD_FILE + "' is given, but the URL names no user; write user@host.");
            }
            return null;
        }
        if (file == null) {
            return Credentials.of(
                    user,
                    url.password()
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "The URL names a user but no password; write user:password@host, or user@host and"
                                            + " the option '" + PASSWORD_FILE + "'.")));
        }
        if (url.password().isPresent()) {
            throw new IllegalArgumentException(
                    "The password is given twice, in the URL and by the option '" + PASSWORD_FILE + "'.");
        }
        return Credentials.inFile(user, file);
    }

    /** The name of the handle: hosts and prefix. */
    String name() {
        return name;
    }

    /** The members. */
    List<Endpoint> endpoints() {
        return endpoints;
    }

    /** What stands before the path of each key; it need not begin with a slash, and does not end with one. */
    String prefix() {
        return prefix;
    }

    /** How long an operation may take. */
    Duration timeout() {
        return timeout;
    }

    /** Whether operations that wait at the same time may share a request. */
    boolean batching() {
        return batching;
    }

    /** Whom to be, or null for nobody. */
    @Nullable
    Credentials credentials() {
        return credentials;
    }

    /** The files of TLS, or null without any. */
    @Nullable
    Tls tls() {
        return tls;
    }

    /** What connections are made with beside what a URL can say. */
    Connecting connecting() {
        return connecting;
    }

    /**
     * The contexts of TLS, or null without it. Blocks while files are read.
     *
     * @throws IllegalArgumentException naming a file that cannot be used
     */
    @Nullable
    TlsContexts openTls() {
        return tls == null ? connecting.ownTls() : TlsFiles.read(tls);
    }

    /** A clause that says what to change for TLS. */
    String howToUseTls() {
        return connecting.byUrl() ? "the URL has to start with etcds://" : "the settings need a context for TLS";
    }

    /** A clause that says what to change to do without. */
    String howToDoWithoutTls() {
        return connecting.byUrl()
                ? "the URL has to start with etcd://"
                : "the settings must not have a context for TLS";
    }

    @Override
    public String toString() {
        return name;
    }
}
