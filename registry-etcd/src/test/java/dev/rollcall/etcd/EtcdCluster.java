package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.KnownFault;
import dev.rollcall.tck.nemesis.MemberData;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import dev.rollcall.tck.server.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Three real members, each behind a proxy for its clients and one for the other members. */
final class EtcdCluster implements Cluster {
    private static final int SIZE = 3;

    static final String PROGRAM = "etcd";
    static final String DATA = "data";

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

    /**
     * etcd's own proxy renews leases by itself, and answers whoever asks for a renewal with the answer to an earlier one of its own: the holder counts from
     * a time that the member does not know of. Seen with nothing wrong by 0.2 s, with slow connections by more.
     */
    private static final KnownFault PROXY_ANSWERS_FOR_EARLIER = new KnownFault(
            "https://github.com/etcd-io/etcd/pull/7221",
            KnownFault.Effect.LEASE_ENDS_EARLY,
            EnumSet.allOf(Fault.class),
            Duration.ofSeconds(10));

    /** One of the members. */
    record Member(
            String name,
            ServerProcess process,
            Path directory,
            TcpProxy proxy,
            Optional<StatusRelay> relay,
            TcpProxy peers,
            EtcdAdmin admin)
            implements Cluster.Member {
        /** What it is run by. */
        Path program() {
            return directory.resolve(PROGRAM);
        }

        /** What it keeps; while it is down, that can be copied, put back or deleted. */
        Path data() {
            return directory.resolve(DATA);
        }

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

    private final EtcdClusterSettings settings;
    private final List<String> more;
    private final Path servers;
    private final List<Member> members = new ArrayList<>();
    private final List<TcpProxy> peers = new ArrayList<>();
    private @Nullable EtcdProxies proxies;
    private @Nullable EtcdLearner learner;
    private @Nullable EtcdUpgrade upgrade;

    private EtcdCluster(EtcdClusterSettings settings, Path servers, List<String> more) {
        this.settings = settings;
        this.servers = servers;
        this.more = more;
    }

    static EtcdCluster start(EtcdBinary binary, String... more) {
        return start(EtcdClusterSettings.plain(binary), EtcdServer.SERVERS_DIRECTORY, more);
    }

    /** Starts members, with more options, that keep their data and logs in places of their own below {@code servers}. */
    static EtcdCluster start(EtcdClusterSettings settings, Path servers, String... more) {
        EtcdCluster cluster = new EtcdCluster(settings, servers, List.of(more));
        try {
            cluster.start();
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private void start() {
        EtcdSecurity security = settings.security();
        List<Integer> ports = FreePorts.find(2 * SIZE);
        ports.subList(SIZE, 2 * SIZE).forEach(port -> peers.add(TcpProxy.to(port)));
        // Once: what one member signs, the others must know.
        List<String> protection = security.serverOptions();
        EtcdLearner.Command commands = (name, directory, port, peerPort, peerUrl, all) ->
                command(name, directory, port, peerPort, peerUrl, all, protection);
        String all = IntStream.range(0, SIZE)
                .mapToObj(i -> "m" + i + "=http://" + peers.get(i).address())
                .collect(Collectors.joining(","));
        for (int i = 0; i < SIZE; i++) {
            int port = ports.get(i);
            String name = "etcd-" + settings.binary().version() + "-cluster-" + port;
            Path directory = EtcdServer.directory(servers, name);
            String peerUrl = "http://" + peers.get(i).address();
            ServerProcess process = new ServerProcess(
                            name,
                            commands.of("m" + i, directory, port, ports.get(SIZE + i), peerUrl, all),
                            Map.of(),
                            directory.resolve("etcd.log"),
                            () -> EtcdServer.listens(port))
                    .keeps(directory.resolve(DATA));
            Optional<StatusRelay> relay = security.encrypts() ? Optional.empty() : Optional.of(StatusRelay.to(port));
            TcpProxy proxy = TcpProxy.to(relay.map(StatusRelay::port).orElse(port));
            members.add(new Member("m" + i, process, directory, proxy, relay, peers.get(i), security.admin(port)));
            process.launch();
        }
        members.forEach(member -> member.process().awaitReady());
        members.forEach(member -> member.admin().awaitAnswer(member.process()));
        learner = new EtcdLearner(members, all, servers, commands);
        settings.next()
                .ifPresent(next -> upgrade =
                        new EtcdUpgrade(next, members, requireNonNull(learner).program()));
        if (settings.proxied()) {
            proxies = EtcdProxies.start(settings.binary(), addresses(), servers);
        }
        security.begin(ROOT, members.stream().map(Member::admin).toList());
    }

    private List<String> command(
            String name, Path directory, int port, int peerPort, String peerUrl, String all, List<String> protection) {
        String client = settings.security().scheme() + "://127.0.0.1:" + port;
        List<String> command = new ArrayList<>(List.of(
                EtcdUpgrade.link(directory.resolve(PROGRAM), settings.binary()).toString(),
                "--name=" + name,
                "--data-dir=" + directory.resolve(DATA),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                "--initial-advertise-peer-urls=" + peerUrl,
                "--initial-cluster=" + all,
                "--initial-cluster-state=" + (members.size() < SIZE ? "new" : "existing"),
                // Else for five seconds after any other fault no member may join or leave.
                "--strict-reconfig-check=false",
                "--heartbeat-interval=50",
                "--election-timeout=500"));
        command.addAll(protection);
        command.addAll(more);
        return command;
    }

    @Override
    public List<KnownFault> knownFaults() {
        return settings.proxied()
                ? List.of(FORMER_LEADER_REVOKES, PROXY_ANSWERS_FOR_EARLIER)
                : List.of(FORMER_LEADER_REVOKES);
    }

    @Override
    public String name() {
        return settings.name(SIZE);
    }

    @Override
    public KvBackend open() {
        String known =
                proxies == null ? addresses() + "," + requireNonNull(learner).address() : proxies.addresses();
        return KvBackends.open(settings.security().url(known, ROOT, "timeout=3s"));
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
        EtcdAdmin operator = members.get(0).admin();
        return switch (fault) {
            case PROXY_RESTART -> Optional.ofNullable(proxies).map(EtcdProxies::restart);
            case STALL_DISK -> settings.security().encrypts() ? Optional.empty() : Optional.of(this::stallDisk);
            case ADD_LEARNER -> Optional.ofNullable(learner).map(EtcdLearner::join);
            case RESTORE_OLDER -> Optional.of(storeData().restore());
            // Users would be gone as well.
            case WIPE ->
                settings.security().hasUsers()
                        ? Optional.empty()
                        : Optional.of(storeData().wipe());
            case ROLLING_UPGRADE -> Optional.ofNullable(upgrade).flatMap(EtcdUpgrade::disruption);
            default -> settings.security().disruption(fault, operator);
        };
    }

    private MemberData storeData() {
        return new MemberData(members.stream().collect(Collectors.toMap(Function.identity(), Member::data)));
    }

    /** The follower that most clients use answers only about its status. One that leads would hand its office over, as it does if it is paused. */
    private void stallDisk(Consumer<Runnable> undo) {
        Member leader = leader();
        StatusRelay relay = members.stream()
                .filter(member -> !member.equals(leader))
                .max(Comparator.comparingInt(member -> member.proxy().connections()))
                .flatMap(Member::relay)
                .orElseThrow();
        undo.accept(relay::flow);
        relay.hold();
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

    /** The member that comes and goes. */
    EtcdLearner learner() {
        return requireNonNull(learner);
    }

    /** What clients connect to, if they do so through proxies. */
    EtcdProxies proxies() {
        return requireNonNull(proxies);
    }

    /** The leader; waits for an election if one is going on. */
    Member leader() {
        AtomicReference<@Nullable Member> leader = new AtomicReference<>();
        Await.until(() -> {
            leader.set(members.stream().filter(Member::leads).findFirst().orElse(null));
            return leader.get() != null;
        });
        return requireNonNull(leader.get());
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
        if (proxies != null) {
            proxies.close();
        }
        if (learner != null) {
            learner.close();
        }
        for (Member member : members) {
            member.proxy().close();
            member.relay().ifPresent(StatusRelay::close);
            member.admin().close();
            member.process().close();
        }
        peers.forEach(TcpProxy::close);
    }
}
