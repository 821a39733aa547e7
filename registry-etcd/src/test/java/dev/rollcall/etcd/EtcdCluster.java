package dev.rollcall.etcd;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.KnownFault;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import dev.rollcall.tck.server.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Three real members, each behind a proxy for its clients and one for the other members. */
final class EtcdCluster implements Cluster {
    private static final int SIZE = 3;

    /** Below which the clients of a run have their entries. */
    private static final String ROOT = "/nemesis";

    /**
     * A leader that was stopped, and goes on when another has been elected, takes leases for expired that the other has renewed, and asks it
     * to revoke them. Seen within 0.3 s of its going on, on a machine under load.
     */
    private static final KnownFault FORMER_LEADER_REVOKES = new KnownFault(
            "https://github.com/etcd-io/etcd/issues/15247",
            KnownFault.Effect.LEASE_ENDS_EARLY,
            Set.of(Fault.PAUSE_LEADER),
            Duration.ofSeconds(3));

    /** One of the members. */
    record Member(String name, ServerProcess process, TcpProxy proxy, TcpProxy peers, EtcdAdmin admin)
            implements Cluster.Member {
        /** Whether a client is connected to it. */
        boolean isUsed() {
            return proxy.connections() > 0;
        }

        @Override
        public boolean leads() {
            return process.isAlive() && admin.leads();
        }

        @Override
        public TcpProxy link() {
            return proxy;
        }

        @Override
        public Optional<TcpProxy> peerLink() {
            return Optional.of(peers);
        }

        @Override
        public void kill() {
            process.kill();
        }

        @Override
        public void launch() {
            process.launch();
        }

        @Override
        public void awaitReady() {
            process.awaitReady();
        }

        @Override
        public void pause() {
            process.pause();
        }

        @Override
        public void resume() {
            process.resume();
        }
    }

    private final EtcdBinary binary;
    private final List<Member> members = new ArrayList<>();
    private final List<TcpProxy> peers = new ArrayList<>();

    private final EtcdSecurity security;

    private EtcdCluster(EtcdBinary binary, EtcdSecurity security) {
        this.binary = binary;
        this.security = security;
    }

    static EtcdCluster start(EtcdBinary binary, String... more) {
        return start(
                binary,
                EtcdServer.SERVERS_DIRECTORY,
                new EtcdSecurity(EtcdSecurity.Auth.NONE, false, EtcdServer.SERVERS_DIRECTORY),
                more);
    }

    /** Starts members, with more options, that keep their data and logs in places of their own below {@code servers}. */
    static EtcdCluster start(EtcdBinary binary, Path servers, EtcdSecurity security, String... more) {
        EtcdCluster cluster = new EtcdCluster(binary, security);
        try {
            cluster.start(servers, List.of(more));
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private void start(Path servers, List<String> more) {
        List<Integer> ports = FreePorts.find(2 * SIZE);
        ports.subList(SIZE, 2 * SIZE).forEach(port -> peers.add(TcpProxy.to(port)));
        // Once: what one member signs, the others must know.
        List<String> protection = security.serverOptions();
        String all = IntStream.range(0, SIZE)
                .mapToObj(i -> "m" + i + "=http://" + peers.get(i).address())
                .collect(Collectors.joining(","));
        for (int i = 0; i < SIZE; i++) {
            int port = ports.get(i);
            String name = "etcd-" + binary.version() + "-cluster-" + port;
            Path directory = EtcdServer.directory(servers, name);
            String client = security.scheme() + "://127.0.0.1:" + port;
            String peer = "http://127.0.0.1:" + ports.get(SIZE + i);
            List<String> command = new ArrayList<>(List.of(
                    binary.path().toString(),
                    "--name=m" + i,
                    "--data-dir=" + directory.resolve("data"),
                    "--listen-client-urls=" + client,
                    "--advertise-client-urls=" + client,
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=http://" + peers.get(i).address(),
                    "--initial-cluster=" + all,
                    "--heartbeat-interval=50",
                    "--election-timeout=500"));
            command.addAll(protection);
            command.addAll(more);
            ServerProcess process = new ServerProcess(
                            name, command, Map.of(), directory.resolve("etcd.log"), () -> EtcdServer.listens(port))
                    .keeps(directory.resolve("data"));
            members.add(new Member("m" + i, process, TcpProxy.to(port), peers.get(i), security.admin(port)));
            process.launch();
        }
        members.forEach(member -> member.process().awaitReady());
        members.forEach(member -> member.admin().awaitAnswer(member.process()));
        security.begin(ROOT, members.stream().map(Member::admin).toList());
    }

    @Override
    public List<KnownFault> knownFaults() {
        return List.of(FORMER_LEADER_REVOKES);
    }

    @Override
    public String name() {
        return "etcd " + binary.version() + ", " + SIZE + " members" + security.name();
    }

    @Override
    public KvBackend open() {
        return KvBackends.open(security.url(addresses(), ROOT, "timeout=3s"));
    }

    /** Forgets everything but the present. */
    @Override
    public Optional<Runnable> compaction() {
        return Optional.of(() -> {
            Member member = members.stream().filter(Member::leads).findFirst().orElse(members.get(0));
            member.admin().compact(member.admin().revision());
        });
    }

    @Override
    public Optional<Disruption> disruption(Fault fault) {
        return security.disruption(fault, members.get(0).admin());
    }

    @Override
    public List<Member> members() {
        return members;
    }

    /** The URL of all members, through their proxies. */
    String url(String prefixAndOptions) {
        return "etcd://" + addresses() + prefixAndOptions;
    }

    private String addresses() {
        return members.stream().map(member -> member.proxy().address()).collect(Collectors.joining(","));
    }

    /** The leader; waits for an election if one is going on. */
    Member leader() {
        AtomicReference<@Nullable Member> leader = new AtomicReference<>();
        Await.until(() -> {
            leader.set(members.stream().filter(Member::leads).findFirst().orElse(null));
            return leader.get() != null;
        });
        return Objects.requireNonNull(leader.get());
    }

    /** A member that follows; waits for an election if one is going on. */
    Member follower() {
        Member leader = leader();
        return members.stream()
                .filter(member -> !member.equals(leader))
                .findFirst()
                .orElseThrow();
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
        peers.forEach(TcpProxy::close);
    }
}
