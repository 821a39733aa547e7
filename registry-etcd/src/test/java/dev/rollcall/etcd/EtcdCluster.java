package dev.rollcall.etcd;

import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import dev.rollcall.tck.server.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three real members, each behind a proxy of its own. */
final class EtcdCluster implements AutoCloseable {
    private static final int SIZE = 3;

    /** One of the members. */
    record Member(ServerProcess process, TcpProxy proxy, EtcdAdmin admin) {
        /** Whether a client is connected to it. */
        boolean isUsed() {
            return proxy.connections() > 0;
        }

        /** Whether it leads the others. */
        boolean leads() {
            return admin.status().getLeader() == admin.status().getHeader().getMemberId();
        }
    }

    private final List<Member> members = new ArrayList<>();

    private EtcdCluster() {}

    static EtcdCluster start(EtcdBinary binary) {
        EtcdCluster cluster = new EtcdCluster();
        List<Integer> ports = FreePorts.find(2 * SIZE);
        String all = IntStream.range(0, SIZE)
                .mapToObj(i -> "m" + i + "=http://127.0.0.1:" + ports.get(SIZE + i))
                .collect(Collectors.joining(","));
        for (int i = 0; i < SIZE; i++) {
            int port = ports.get(i);
            String name = "etcd-" + binary.version() + "-cluster-" + port;
            String client = "http://127.0.0.1:" + port;
            String peer = "http://127.0.0.1:" + ports.get(SIZE + i);
            List<String> command = List.of(
                    binary.path().toString(),
                    "--name=m" + i,
                    "--data-dir=" + EtcdServer.directory(name).resolve("data"),
                    "--listen-client-urls=" + client,
                    "--advertise-client-urls=" + client,
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=" + peer,
                    "--initial-cluster=" + all,
                    "--heartbeat-interval=50",
                    "--election-timeout=500");
            ServerProcess process = new ServerProcess(
                    name,
                    command,
                    Map.of(),
                    EtcdServer.directory(name).resolve("etcd.log"),
                    () -> EtcdServer.listens(port));
            cluster.members.add(new Member(process.launch(), TcpProxy.to(port), new EtcdAdmin(port)));
        }
        cluster.members.forEach(member -> member.process().awaitReady());
        cluster.members.forEach(member -> member.admin().revision());
        return cluster;
    }

    List<Member> members() {
        return members;
    }

    /** The URL of all members, through their proxies. */
    String url(String prefixAndOptions) {
        return "etcd://"
                + members.stream().map(member -> member.proxy().address()).collect(Collectors.joining(","))
                + prefixAndOptions;
    }

    /** The member that the only client uses. */
    Member used() {
        Await.until(() -> members.stream().filter(Member::isUsed).count() == 1);
        return members.stream().filter(Member::isUsed).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        for (Member member : members) {
            member.proxy().close();
            member.admin().close();
            member.process().close();
        }
    }
}
