package dev.rollcall.etcd;

import dev.rollcall.tck.nemesis.Cluster.Disruption;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code etcd grpc-proxy}, twice: each knows all members, and clients know both. */
final class EtcdProxies implements AutoCloseable {
    private static final int COUNT = 2;

    /** One of them. */
    record Proxy(ServerProcess process, String address) {}

    private final List<Proxy> proxies = new ArrayList<>();
    /** How often some were killed; whose turn it is. */
    private int strikes;

    private EtcdProxies() {}

    /** Starts them before {@code members}, addresses separated by commas, which are up. */
    static EtcdProxies start(EtcdBinary binary, String members, Path servers) {
        EtcdProxies started = new EtcdProxies();
        try {
            for (int port : FreePorts.find(COUNT)) {
                started.start(binary, members, servers, port);
            }
            started.proxies.forEach(proxy -> proxy.process().awaitReady());
        } catch (RuntimeException | Error e) {
            started.close();
            throw e;
        }
        return started;
    }

    private void start(EtcdBinary binary, String members, Path servers, int port) {
        String address = "127.0.0.1:" + port;
        String name = "etcd-" + binary.version() + "-proxy-" + port;
        Path directory = EtcdServer.directory(servers, name);
        List<String> command = List.of(
                binary.path().toString(),
                "grpc-proxy",
                "start",
                "--endpoints=" + members,
                "--listen-addr=" + address,
                // Else it looks for itself at its default port, and ends after five seconds in vain.
                "--advertise-client-url=" + address,
                "--data-dir=" + directory.resolve("data"));
        ServerProcess process = new ServerProcess(
                        name, command, Map.of(), directory.resolve("etcd.log"), () -> EtcdServer.listens(port))
                .keeps(directory.resolve("data"));
        proxies.add(new Proxy(process, address));
        process.launch();
    }

    List<Proxy> all() {
        return proxies;
    }

    /** What clients connect to. */
    String addresses() {
        return proxies.stream().map(Proxy::address).collect(Collectors.joining(","));
    }

    /** Kills the first, the second, and both in turn; starts them again when it is undone. */
    Disruption restart() {
        return undo -> {
            int turn = strikes++ % (COUNT + 1);
            List<Proxy> struck = turn < COUNT ? List.of(proxies.get(turn)) : proxies;
            struck.forEach(proxy -> {
                undo.accept(proxy.process()::start);
                proxy.process().kill();
            });
        };
    }

    @Override
    public void close() {
        proxies.forEach(proxy -> proxy.process().close());
    }
}
