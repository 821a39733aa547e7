package dev.rollcall.etcd;

import dev.rollcall.kv.support.HostAndPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The address and the name of a member.
 *
 * @param member its host and port
 */
record Endpoint(HostAndPort member) {
    private static final int DEFAULT_PORT = 2379;

    /** Knows the addresses of a name. */
    interface Resolver {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /**
     * Reads {@code host} or {@code host:port}.
     *
     * @throws IllegalArgumentException if there can never be such a host
     */
    static Endpoint of(String text) {
        return new Endpoint(HostAndPort.of(text, DEFAULT_PORT));
    }

    /** The name, or the address. */
    String host() {
        return member.host();
    }

    int port() {
        return member.port();
    }

    /** Whether it is an address, which need not be looked up. */
    boolean isLiteral() {
        return member.isLiteral();
    }

    /** The addresses that it has now. Blocks while the name is looked up. */
    List<InetSocketAddress> resolve(Resolver resolver) throws UnknownHostException {
        return Arrays.stream(resolver.addresses(host()))
                .map(address -> new InetSocketAddress(address, port()))
                .toList();
    }

    /** What requests and TLS call the member by, whichever of its addresses is used. */
    String authority() {
        // With a name that is none of a URI the port would be taken for a part of it.
        return URI.create("//" + host()).getHost() == null ? host() : toString();
    }

    // As in HostAndPort: what a record has by itself would cost each start of the command 20 ms.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Endpoint that && member.equals(that.member);
    }

    @Override
    public int hashCode() {
        return member.hashCode();
    }

    /** As {@code host:port}. */
    @Override
    public String toString() {
        return member.toString();
    }
}
