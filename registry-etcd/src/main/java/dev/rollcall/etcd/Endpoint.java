package dev.rollcall.etcd;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a member is, as the URL names it.
 *
 * @param host a name, or an address; that of IPv6 in brackets
 * @param port the port
 */
record Endpoint(String host, int port) {
    private static final int DEFAULT_PORT = 2379;
    private static final int LONGEST_NAME = 253;
    /** Names of containers have underscores, which are no names of the DNS, and are found all the same. */
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");

    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]");

    /**
     * Reads {@code host} or {@code host:port}.
     *
     * @throws IllegalArgumentException if there can never be such a host, since it would be tried in vain for ever
     */
    static Endpoint of(String text) {
        int colon = text.startsWith("[") ? text.indexOf("]:") + 1 : text.indexOf(':');
        String host = colon <= 0 ? text : text.substring(0, colon);
        int port = colon <= 0 ? DEFAULT_PORT : Integer.parseInt(text.substring(colon + 1));
        if (!canExist(host)) {
            throw new IllegalArgumentException("The host '" + EtcdOptions.shown(host)
                    + "' can never be found: a name has letters, digits, '-' and '_' between its dots, an IPv4 address four numbers up to 255,"
                    + " and an IPv6 address stands in brackets. A variable in the URL may not have been filled in.");
        }
        return new Endpoint(host, port);
    }

    private static boolean canExist(String host) {
        if (host.startsWith("[")) {
            return IPV6.matcher(host).matches() && isAddress(host);
        }
        if (NUMBERS.matcher(host).matches()) {
            return IPV4.matcher(host).matches();
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.length() <= LONGEST_NAME
                && Arrays.stream(name.split("\\.", -1))
                        .allMatch(label -> LABEL.matcher(label).matches());
    }

    /** Whether Java takes it for an address; what is in brackets is never looked up. */
    private static boolean isAddress(String host) {
        try {
            InetAddress.getByName(host);
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether it is an address, which need not be looked up. */
    boolean isLiteral() {
        return host.startsWith("[") || NUMBERS.matcher(host).matches();
    }

    /** The addresses that it has now. Blocks while the name is looked up. */
    List<InetSocketAddress> resolve() throws UnknownHostException {
        return Arrays.stream(InetAddress.getAllByName(host))
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /** What requests and TLS call the member by, whichever of its addresses is used. */
    String authority() {
        // With a name that is none of a URI the port would be taken for a part of it.
        return URI.create("//" + host).getHost() == null ? host : toString();
    }

    /** As {@code host:port}. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
