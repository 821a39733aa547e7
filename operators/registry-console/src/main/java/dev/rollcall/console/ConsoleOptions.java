package dev.rollcall.console;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.registry.NodeLayout;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Console} is reached, what it shows and what it may change. The defaults are the careful ones: loopback, read-only.
 *
 * <p>Immutable.
 */
public final class ConsoleOptions {
    /** The port unless another is set. */
    public static final int DEFAULT_PORT = 8790;

    /** The shortest token, in characters. */
    public static final int SHORTEST_TOKEN = 16;

    private final InetSocketAddress listen;
    private final boolean changesAllowed;
    private final @Nullable String token;
    private final Set<String> hosts;
    private final @Nullable Path certificate;
    private final @Nullable Path privateKey;
    private final List<Directory> directories;
    private final Map<Directory, NodeLayout> registries;
    private final @Nullable String backendUrl;

    private ConsoleOptions(Builder from) {
        this.listen = from.listen;
        this.changesAllowed = from.changesAllowed;
        this.token = from.token;
        this.hosts = Set.copyOf(from.hosts);
        this.certificate = from.certificate;
        this.privateKey = from.privateKey;
        this.directories = from.directories.isEmpty() ? List.of(Directory.ROOT) : List.copyOf(from.directories);
        this.registries = Map.copyOf(from.registries);
        this.backendUrl = from.backendUrl;
    }

    /** Loopback, port {@value #DEFAULT_PORT}, read-only, the whole store. */
    public static ConsoleOptions defaults() {
        return builder().build();
    }

    /** A new builder; not safe for use by several threads. */
    public static Builder builder() {
        return new Builder();
    }

    InetSocketAddress listen() {
        return listen;
    }

    boolean areChangesAllowed() {
        return changesAllowed;
    }

    @Nullable
    String token() {
        return token;
    }

    Set<String> hosts() {
        return hosts;
    }

    @Nullable
    Path certificate() {
        return certificate;
    }

    @Nullable
    Path privateKey() {
        return privateKey;
    }

    List<Directory> directories() {
        return directories;
    }

    Map<Directory, NodeLayout> registries() {
        return registries;
    }

    @Nullable
    String backendUrl() {
        return backendUrl;
    }

    /** Collects settings. */
    public static final class Builder {
        private InetSocketAddress listen = new InetSocketAddress("127.0.0.1", DEFAULT_PORT);
        private boolean changesAllowed;
        private @Nullable String token;
        private final Set<String> hosts = new LinkedHashSet<>();
        private @Nullable Path certificate;
        private @Nullable Path privateKey;
        private final Set<Directory> directories = new LinkedHashSet<>();
        private final Map<Directory, NodeLayout> registries = new LinkedHashMap<>();
        private @Nullable String backendUrl;

        private Builder() {}

        /** Sets the address and port to listen on; {@code 127.0.0.1:8790} unless set. Port 0 takes a free one. Anything but loopback needs a {@link #token}. */
        public Builder listen(InetSocketAddress value) {
            listen = requireNonNull(value, "listen");
            return this;
        }

        /** Sets whether the page may change the store; false unless set. */
        public Builder allowChanges(boolean value) {
            changesAllowed = value;
            return this;
        }

        /**
         * Sets what a browser has to show before it sees anything. None is needed on loopback unless set.
         *
         * @throws IllegalArgumentException if it is shorter than {@value #SHORTEST_TOKEN} characters; the message does not show it
         */
        public Builder token(String value) {
            if (requireNonNull(value, "token").length() < SHORTEST_TOKEN) {
                throw new IllegalArgumentException("A token has at least " + SHORTEST_TOKEN
                        + " characters, but this one has " + value.length() + ". 'openssl rand -hex 16' makes one.");
            }
            token = value;
            return this;
        }

        /**
         * Adds a host name under which browsers may reach the console, such as that of a proxy before it: {@code console.example.com}, with a port if the
         * browser shows one. Names that are not known are refused, since a foreign page could give itself one that leads here.
         */
        public Builder host(String value) {
            String name = requireNonNull(value, "host").strip().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || name.contains("/")) {
                throw new IllegalArgumentException("Not a host: '" + value
                        + "': it is a name, with a port if the browser shows one: console.example.com:8443.");
            }
            hosts.add(name);
            return this;
        }

        /**
         * Serves HTTPS with these files in PEM format.
         *
         * @param certificateChain the server's certificate, followed by those that vouch for it
         * @param key its private key, PKCS #8 and not encrypted ({@code BEGIN PRIVATE KEY})
         */
        public Builder tls(Path certificateChain, Path key) {
            certificate = requireNonNull(certificateChain, "certificateChain");
            privateKey = requireNonNull(key, "key");
            return this;
        }

        /** Adds a directory to show; the whole store unless set. For users who may read some directories only. */
        public Builder directory(Directory value) {
            directories.add(requireNonNull(value, "directory"));
            return this;
        }

        /** Adds a registry to show. Those whose nodes were registered by this library are found without, and so is {@code /tidb-binlog/v1}. */
        public Builder registry(Directory root, NodeLayout layout) {
            registries.put(requireNonNull(root, "root"), requireNonNull(layout, "layout"));
            return this;
        }

        /** Sets the store's URL as it appears in the command lines that the page offers to copy; it should hold no password. Unset, they rely on the environment. */
        public Builder backendUrl(String value) {
            backendUrl = requireNonNull(value, "backendUrl");
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if the address is not loopback and there is no token
         */
        public ConsoleOptions build() {
            if (listen.isUnresolved()) {
                throw new IllegalArgumentException("The address to listen on, '" + listen.getHostString()
                        + "', is unknown: give an address of this machine, such as 127.0.0.1.");
            }
            if (!listen.getAddress().isLoopbackAddress() && token == null) {
                throw new IllegalArgumentException("The console would listen on " + listen.getHostString()
                        + ", where others reach it, and so needs a token. Set one, or listen on 127.0.0.1.");
            }
            return new ConsoleOptions(this);
        }
    }
}
