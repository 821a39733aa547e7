package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.server.TcpProxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A real ensemble, each member behind a proxy for its clients. */
final class ZooKeeperCluster implements Cluster {
    private final ZooKeeperServers servers;
    private final List<Member> members = new ArrayList<>();

    ZooKeeperCluster() {
        this(ZooKeeperServer.SERVERS_DIRECTORY);
    }

    /** Starts servers that keep their data and logs in places of their own below {@code directory}. */
    ZooKeeperCluster(Path directory) {
        servers = ZooKeeperServers.ensemble(directory);
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
        return KvBackends.open("zookeeper://" + addresses + "/nemesis?timeout=3s");
    }

    @Override
    public void close() {
        members.forEach(member -> member.link().close());
        servers.close();
    }
}
