package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a member of a store is, as a {@linkplain dev.rollcall.kv.BackendUrl#hosts URL names it}.
 *
 * @param host a name, or an address; that of IPv6 in brackets
 * @param port the port
 */
public record HostAndPort(String host, int port) {
    private static final int LONGEST_NAME = 253;
    /** Names of containers have underscores, which are no names of the DNS, and are found all the same. */
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");

    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]");

    /** A host and a port, neither of which is looked at. */
    public HostAndPort {
        requireNonNull(host, "host");
    }

    // What a record has by itself is put together at its first use, which takes longer than all else that reads a URL.

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof HostAndPort that && port == that.port && host.equals(that.host);
    }

    @Override
    public final int hashCode() {
        return 31 * host.hashCode() + port;
    }

    /**
     * Reads {@code host} or {@code host:port}. No name is looked up.
     *
     * @param absent the port if the text has none
     * @throws IllegalArgumentException if there can never be such a host, since it would be retried for ever
     */
    public static HostAndPort of(String text, int absent) {
        int colon = text.startsWith("[") ? text.indexOf("]:") + 1 : text.indexOf(':');
        String host = colon <= 0 ? text : text.substring(0, colon);
        int port = colon <= 0 ? absent : Integer.parseInt(text.substring(colon + 1));
        if (!canExist(host)) {
            throw new IllegalArgumentException("The host '" + shown(host)
                    + "' can never be found: a name has letters, digits, '-' and '_' between its dots, an IPv4 address four numbers up to 255,"
                    + " and an IPv6 address stands in brackets. A variable in the URL may not have been filled in.");
        }
        return new HostAndPort(host, port);
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

    /** Text from a URL without what would change how it looks. */
    private static String shown(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Whether the host is an address, which need not be looked up. */
    public boolean isLiteral() {
        return host.startsWith("[") || NUMBERS.matcher(host).matches();
    }

    /** As {@code host:port}. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
