package dev.rollcall.etcd;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a cluster runs.
 *
 * @param binary what its members are, at first
 * @param next what they become, if they are upgraded
 * @param security who may use it, and what protects the connections
 * @param proxied whether clients reach it through etcd's own proxies
 */
record EtcdClusterSettings(EtcdBinary binary, Optional<EtcdBinary> next, EtcdSecurity security, boolean proxied) {
    private static final String AUTH = "auth";
    private static final String TLS = "tls";
    private static final String PROXY = "proxy";
    private static final String UPGRADE = "upgrade";

    /** The options, each with what it means. */
    static final Map<String, String> OPTIONS = Map.of(
            AUTH,
            "none, simple or jwt: what proves who a user is",
            TLS,
            "true or false: whether connections of clients are encrypted",
            PROXY,
            "true or false: whether clients connect to 'etcd grpc-proxy', which connects to the members",
            UPGRADE,
            "such as 3.6-3.7: the version that the members begin with, and the next, by which they are replaced once");

    /** Open to everybody, without TLS or proxies. */
    static EtcdClusterSettings plain(EtcdBinary binary) {
        return new EtcdClusterSettings(
                binary,
                Optional.empty(),
                new EtcdSecurity(EtcdSecurity.Auth.NONE, false, EtcdServer.SERVERS_DIRECTORY),
                false);
    }

    /**
     * What options ask for; keeps keys and certificates in {@code directory}.
     *
     * @throws IllegalArgumentException if an option or its value is wrong
     */
    static EtcdClusterSettings of(Map<String, String> options, Path directory) {
        Map<String, String> left = new TreeMap<>(options);
        EtcdSecurity.Auth auth = EtcdSecurity.Auth.of(left.remove(AUTH));
        boolean tls = yes(TLS, left.remove(TLS));
        boolean proxied = yes(PROXY, left.remove(PROXY));
        String upgrade = left.remove(UPGRADE);
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("The options " + left + " are not known; there are " + OPTIONS + ".");
        }
        if (proxied && (tls || auth != EtcdSecurity.Auth.NONE)) {
            throw new IllegalArgumentException("The option proxy=true goes with neither auth nor tls.");
        }
        EtcdBinary binary = upgrade == null ? EtcdBinary.underTest() : first(upgrade);
        Optional<EtcdBinary> next = upgrade == null ? Optional.empty() : binary.next();
        return new EtcdClusterSettings(binary, next, new EtcdSecurity(auth, tls, directory), proxied);
    }

    private static boolean yes(String option, @Nullable String value) {
        if (value != null && !value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(
                    "The option " + option + "=" + value + " is neither " + option + "=true nor " + option + "=false.");
        }
        return "true".equals(value);
    }

    private static EtcdBinary first(String upgrade) {
        return Arrays.stream(EtcdBinary.values())
                .filter(binary -> step(binary).filter(upgrade::equals).isPresent())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The option upgrade=" + upgrade
                        + " is no step from one version to the next; there are "
                        + Arrays.stream(EtcdBinary.values())
                                .flatMap(binary -> step(binary).stream())
                                .collect(Collectors.joining(", "))
                        + "."));
    }

    private static Optional<String> step(EtcdBinary binary) {
        return binary.next().map(next -> binary.version() + "-" + next.version());
    }

    /** What the cluster is called in reports. */
    String name(int members) {
        return "etcd " + binary.version()
                + next.map(later -> " to " + later.version()).orElse("") + ", " + members + " members" + security.name()
                + (proxied ? ", through grpc-proxy" : "");
    }
}
