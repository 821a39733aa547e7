package dev.rollcall.cli.store;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.support.HostAndPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * What a network lets any client of a store have: how long it takes until a connection is made, which is one round trip to the member and no work for the
 * store. Nothing is sent.
 */
final class RoundTrips {
    /** Few: some stores log each connection on which nothing is said. */
    private static final int COUNT = 20;

    private static final int PATIENCE_MILLIS = 1000;
    private static final Map<String, Integer> PORTS = Map.of("etcd", 2379, "etcds", 2379, "zookeeper", 2181);

    private RoundTrips() {}

    /** Measures on the first member that takes a connection, for {@code time} at most; empty for a store that has no members, or of which that is not known. */
    static Optional<Load.Result> to(BackendUrl url, Duration time) {
        Integer port = PORTS.get(url.scheme());
        return port == null
                ? Optional.empty()
                : url.hosts().stream()
                        .flatMap(host -> to(HostAndPort.of(host, port), time).stream())
                        .findFirst();
    }

    private static Optional<Load.Result> to(HostAndPort member, Duration time) {
        long[] took = new long[COUNT];
        int count = 0;
        long start = System.nanoTime();
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(member.host()), member.port());
            while (count < COUNT && (count == 0 || System.nanoTime() - start < time.toNanos())) {
                long begun = System.nanoTime();
                try (Socket socket = new Socket()) {
                    socket.connect(address, PATIENCE_MILLIS);
                    took[count++] = System.nanoTime() - begun;
                }
            }
        } catch (IOException e) {
            // Behind an address that cannot be used from here, while the store's own client knows a way.
            return Optional.empty();
        }
        long total = System.nanoTime() - start;
        long[] sorted = Arrays.copyOf(took, count);
        Arrays.sort(sorted);
        return Optional.of(new Load.Result("network alone, one round trip", sorted, total));
    }
}
