package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.MemberData;
import dev.rollcall.tck.server.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;

/** A real ensemble as its operators run it, each member behind a proxy for its clients. */
final class ZooKeeperCluster implements Cluster {
    /** Below which the clients of a run have their entries. */
    static final String ROOT = "/nemesis";

    /** The least that servers grant with this tick, hence less than leases of 3 s and more have. */
    static final String SHORT_SESSIONS = "maxSessionTimeout=4000";

    /** What keeps sessions to a member, as the documentation recommends it: until they create an ephemeral node. */
    static final List<String> LOCAL_SESSIONS =
            List.of("localSessionsEnabled=true", "localSessionsUpgradingEnabled=true");

    /** For whoever comes, who may set another list: all are one user here. */
    static final List<ACL> READ_ONLY = List.of(new ACL(Perms.READ | Perms.ADMIN, Ids.ANYONE_ID_UNSAFE));

    /** Followers hear nothing from their leader for syncLimit ticks before they elect another. */
    private static final Duration ELECTION = Duration.ofSeconds(12);

    private final ZooKeeperServers servers;
    private final List<Member> members = new ArrayList<>();
    private final ZooKeeperOperator operator;
    private int bookkeepingDeletions;

    ZooKeeperCluster() {
        this(ZooKeeperServer.SERVERS_DIRECTORY);
    }

    /** Starts servers that keep their data and logs in places of their own below {@code directory}. */
    ZooKeeperCluster(Path directory) {
        servers = ZooKeeperServers.plainEnsemble(directory, id -> List.of());
        operator = new ZooKeeperOperator(
                servers.members().stream().map(ZooKeeperServer::address).collect(Collectors.joining(",")));
        try {
            servers.members().forEach(server -> members.add(new Member(server, TcpProxy.to(server.port()))));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * One server. What members say to each other cannot be stalled: every configuration has to name the same addresses, so that a
     * proxy could not tell which member is on the line.
     */
    record Member(ZooKeeperServer server, TcpProxy link) implements Cluster.Member {
        @Override
        public String name() {
            return server.address();
        }

        @Override
        public boolean leads() {
            return server.process().isAlive() && server.isLeader();
        }

        @Override
        public void kill() {
            server.process().kill();
        }

        @Override
        public void launch() {
            server.process().launch();
        }

        @Override
        public void awaitReady() {
            server.process().awaitReady();
        }

        @Override
        public void pause() {
            server.process().pause();
        }

        @Override
        public void resume() {
            server.process().resume();
        }
    }

    @Override
    public String name() {
        return "ZooKeeper 3.9, " + members.size() + " members";
    }

    @Override
    public List<Member> members() {
        return members;
    }

    @Override
    public KvBackend open() {
        String addresses =
                members.stream().map(member -> member.link().address()).collect(Collectors.joining(","));
        return KvBackends.open("zookeeper://" + addresses + ROOT + "?timeout=3s");
    }

    @Override
    public Duration leastTime(Fault fault) {
        return fault == Fault.PAUSE_LEADER ? ELECTION : Duration.ZERO;
    }

    @Override
    public Optional<Disruption> disruption(Fault fault) {
        return switch (fault) {
            case DELETE_ROOT -> Optional.of(undo -> operator.deleteAll(ROOT));
            case DELETE_BOOKKEEPING -> Optional.of(undo -> deleteBookkeeping());
            case SHRINK_SESSION_TIMEOUT -> Optional.of(undo -> roll(List.of(SHORT_SESSIONS), undo));
            case LOCAL_SESSIONS -> Optional.of(undo -> roll(LOCAL_SESSIONS, undo));
            case DENY ->
                Optional.of(undo -> {
                    undo.accept(() -> operator.setAcl(ROOT, Ids.OPEN_ACL_UNSAFE));
                    operator.setAcl(ROOT, READ_ONLY);
                });
            case RESTORE_OLDER -> Optional.of(storeData().restore());
            case WIPE -> Optional.of(storeData().wipe());
            default -> Optional.empty();
        };
    }

    /** What they have written; which of them they are stands beside it, and stays. */
    private MemberData storeData() {
        return new MemberData(members.stream()
                .collect(Collectors.toMap(
                        Function.identity(), member -> member.server().data().resolve("version-2"))));
    }

    /** All of it and the receipts alone in turn. Nobody undoes that but the backend. */
    private void deleteBookkeeping() {
        if (bookkeepingDeletions++ % 2 == 0) {
            operator.deleteAll(ROOT + Layout.OWN_SUFFIX);
        } else {
            operator.deleteChildren(ROOT + Layout.OWN_SUFFIX, "s");
        }
    }

    /** Restarts one member after the other with another configuration, and then as it was. */
    private void roll(List<String> more, Consumer<Runnable> undo) {
        undo.accept(() -> roll(List.of()));
        roll(more);
    }

    private void roll(List<String> more) {
        for (Member member : members) {
            member.kill();
            member.server().configure(more);
            member.launch();
            member.awaitReady();
        }
    }

    ZooKeeperOperator operator() {
        return operator;
    }

    @Override
    public void close() {
        members.forEach(member -> member.link().close());
        servers.close();
    }
}
